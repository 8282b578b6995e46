/** What Auto Scaling can be told of what AWS does not document. */
export interface AutoScalingLimits {
  /**
   * From launch until an instance has booted, in milliseconds.
   * @default 30_000
   */
  readonly bootTime: number;
  /**
   * From the moment that a stopped or hibernated instance of a warm pool is chosen until it runs again, in milliseconds.
   * @default 10_000
   */
  readonly warmStartTime: number;
  /**
   * From the end of an instance that vanishes until the EC2 health check tells its group, in milliseconds.
   * @default 60_000
   */
  readonly healthCheckDelay: number;
  /**
   * Below which share of its target the low alarm of a target-tracking policy goes off: more than 0, at most 1. AWS
   * documents only that it is usually more than a tenth below; on groups it has been seen at 0.7 and, rarely, 0.9.
   * @default 0.7
   */
  readonly scaleInShare: number;
  /**
   * How many instances may exist at a time in an account and Region, detached ones aside: a whole number of 1 or more.
   * Launches beyond it fail as they do on AWS at the account's vCPU limit, which this stands for.
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

/** Fills in the defaults. Throws a RangeError if a value makes no sense. */
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
      throw new RangeError(`limits.${name} must be 0 or more milliseconds, got ${value}`);
  }
  const { scaleInShare, instanceLimit } = limits;
  if (!Number.isSafeInteger(instanceLimit) || instanceLimit < 1)
    throw new RangeError(`limits.instanceLimit must be a whole number of 1 or more, but was ${instanceLimit}`);
  if (!(scaleInShare > 0 && scaleInShare <= 1))
    throw new RangeError(`limits.scaleInShare must be more than 0 and at most 1, got ${scaleInShare}`);
  return limits;
}
