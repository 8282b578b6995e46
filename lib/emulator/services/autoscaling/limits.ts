/** The limits and timings of Auto Scaling, most of which AWS does not document. */
export interface AutoScalingLimits {
  /**
   * The time that an instance takes to boot, in milliseconds.
   * @default 30_000
   */
  readonly bootTime: number;
  /**
   * The time that a stopped or hibernated instance of a warm pool takes to run again, in milliseconds.
   * @default 10_000
   */
  readonly warmStartTime: number;
  /**
   * The time until the EC2 health check notices that an instance is gone, in milliseconds.
   * @default 60_000
   */
  readonly healthCheckDelay: number;
  /**
   * The threshold of a target-tracking policy's low alarm, as a share of the target: more than 0, at most 1. AWS
   * documents only that it is usually more than 10 % below; 0.7 and, rarely, 0.9 have been observed.
   * @default 0.7
   */
  readonly scaleInShare: number;
  /**
   * Maximum number of instances in an account and Region, without detached ones: a whole number of at least 1. Further
   * launches fail, as on AWS at the vCPU limit.
   * @default 1000
   */
  readonly instanceLimit: number;
}

const DEFAULTS: AutoScalingLimits = {
  bootTime: 30_000,
  warmStartTime: 10_000,
  healthCheckDelay: 60_000,
  scaleInShare: 0.7,
  instanceLimit: 1_000,
};

/** Merges limits with the defaults. Throws a RangeError if a value is out of range. */
export function readLimits(given: Partial<AutoScalingLimits> = {}): AutoScalingLimits {
  const limits = {
    bootTime: given.bootTime ?? DEFAULTS.bootTime,
    warmStartTime: given.warmStartTime ?? DEFAULTS.warmStartTime,
    healthCheckDelay: given.healthCheckDelay ?? DEFAULTS.healthCheckDelay,
    scaleInShare: given.scaleInShare ?? DEFAULTS.scaleInShare,
    instanceLimit: given.instanceLimit ?? DEFAULTS.instanceLimit,
  };
  for (const name of ['bootTime', 'warmStartTime', 'healthCheckDelay'] as const) {
    const value = limits[name];
    if (!(value >= 0 && Number.isFinite(value)))
      throw new RangeError(`limits.${name} must be 0 or more milliseconds, but was ${value}`);
  }
  const { scaleInShare, instanceLimit } = limits;
  if (!Number.isSafeInteger(instanceLimit) || instanceLimit < 1)
    throw new RangeError(`limits.instanceLimit must be a whole number of 1 or more, but was ${instanceLimit}`);
  if (!(scaleInShare > 0 && scaleInShare <= 1))
    throw new RangeError(`limits.scaleInShare must be more than 0 and at most 1, but was ${scaleInShare}`);
  return limits;
}
