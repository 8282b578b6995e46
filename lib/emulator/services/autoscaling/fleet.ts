/** What an instance is launched with, as far as Auto Scaling and its fleet need to know. */
export interface LaunchTemplateData {
  readonly imageId?: string;
  readonly instanceType?: string;
  /** What the instance runs on its first boot, in base64. */
  readonly userData?: string;
  readonly iamInstanceProfile?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether its instances are Spot Instances. */
  readonly spot?: boolean;
}

/** A version of a launch template, and what is in it. */
export interface LaunchTemplateVersion {
  readonly launchTemplateId: string;
  readonly launchTemplateName: string;
  readonly version: number;
  readonly data: LaunchTemplateData;
}

/** An instance that a group has launched. */
export interface LaunchedInstance {
  readonly instanceId: string;
  readonly groupName: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly launchTemplate: LaunchTemplateData;
  /** Whether it has run before, and starts again. */
  readonly hasBooted: boolean;
}

/** Where instances run. */
export interface Fleet {
  /**
   * Called once the instance has booted: its user data runs. Called again when an instance that was stopped in a warm
   * pool starts anew: what its user data has set up starts again. The time that booting takes is the group's to model.
   */
  launch(instance: LaunchedInstance): void;
  /**
   * Termination hooks hold an instance from now on, or EC2 gave notice that it takes it back: which it can be told, as
   * one that asks its metadata is by those.
   */
  leaving?(instanceId: string): void;
  /**
   * Ends an instance gracefully, for good or until it is started again; resolves when its processes are gone, at once
   * for one that never booted.
   */
  terminate(instanceId: string): Promise<void>;
  /** Ends an instance at once and without warning, as a failure of its hardware does. */
  kill(instanceId: string): Promise<void>;
}
