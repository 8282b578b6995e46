import { type InstanceType } from 'aws-cdk-lib/aws-ec2';

/**
 * How a group uses spot instances: spare capacity at a discount, which EC2 takes back with a notice of two minutes.
 * Workers that lose their instance lose no message: it becomes visible again.
 */
export interface SpotOptions {
  /**
   * Types that may be used beside `instanceType`, up to 39, of the same architecture. The more there are, the rarer
   * are interruptions and the surer is it that an instance can be had.
   *
   * @default - none
   */
  readonly otherInstanceTypes?: InstanceType[];

  /**
   * How many instances are on demand before the first one is spot.
   *
   * @default 0
   */
  readonly onDemandBaseCapacity?: number;

  /**
   * How many percent of the instances beyond the base are on demand, 0 to 100.
   *
   * @default 0
   */
  readonly onDemandPercentage?: number;

  /**
   * Whether the group starts a new instance as soon as EC2 announces that one is at an elevated risk of interruption,
   * and lets the worker drain that one.
   *
   * @default true
   */
  readonly capacityRebalance?: boolean;
}
