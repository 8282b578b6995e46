/** The launch data of an instance, as far as Auto Scaling and its fleet need it. */
export interface LaunchTemplateData {
  readonly imageId?: string;
  readonly instanceType?: string;
  /** The user data, in base64, which runs on the first boot. */
  readonly userData?: string;
  readonly iamInstanceProfile?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether Spot Instances are launched. */
  readonly spot?: boolean;
}

/** A version of a launch template and its data. */
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
  /** Whether it has run before and is starting again. */
  readonly hasBooted: boolean;
}

/** Runs instances. */
export interface Fleet {
  /**
   * Called when an instance has booted: runs its user data. Called again when an instance that was stopped in a warm
   * pool starts: what its user data has set up starts again. The group models the time that booting takes.
   */
  launch(instance: LaunchedInstance): void;
  /**
   * Called when an instance is about to terminate: its termination hooks have started, or EC2 has sent an interruption
   * notice. The instance can then be notified, or find out from its metadata.
   */
  leaving?(instanceId: string): void;
  /**
   * Stops an instance gracefully, for good or until it is started again. Resolves when its processes have ended; at
   * once if it never booted.
   */
  terminate(instanceId: string): Promise<void>;
  /** Kills an instance at once and without warning, like a hardware failure. */
  kill(instanceId: string): Promise<void>;
}
