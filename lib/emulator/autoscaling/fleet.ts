/** What an instance is launched with, as far as Auto Scaling and its fleet need to know. */
export interface LaunchTemplateData {
  readonly imageId?: string;
  readonly instanceType?: string;
  /** What the instance runs on its first boot, in base64. */
  readonly userData?: string;
  readonly iamInstanceProfile?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** An instance that a group has launched. */
export interface LaunchedInstance {
  readonly instanceId: string;
  readonly groupName: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly launchTemplate: LaunchTemplateData;
}

/** Where instances run. */
export interface Fleet {
  /** Called once the instance has booted: its user data runs. The time that booting takes is the group's to model. */
  launch(instance: LaunchedInstance): void;
  /** Termination hooks hold an instance from now on, which can be told so: by its metadata, for one that asks those. */
  leaving?(instanceId: string): void;
  /**
   * Ends an instance gracefully; resolves when its processes are gone, at once for one that never booted.
   */
  terminate(instanceId: string): Promise<void>;
}
