import { type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type Duration } from 'aws-cdk-lib/core';

/** How instances are replaced when a deployment changes what they run. */
export interface InstanceRefreshOptions {
  /**
   * How many percent of the desired instances stay in service meanwhile, 0 to 100.
   *
   * @default 100
   */
  readonly minHealthyPercentage?: number;

  /**
   * How many percent of the desired instances there are at most meanwhile, 100 to 200, and at most 100 above
   * `minHealthyPercentage`.
   *
   * @default 110: new instances start before old ones end
   */
  readonly maxHealthyPercentage?: number;

  /**
   * Alarms that end the refresh, and with it the deployment, which CloudFormation then rolls back: 1 to 10, such as the
   * queue's oldest-message alarm.
   *
   * @default - none
   */
  readonly alarms?: IAlarm[];

  /**
   * How long the alarms are watched after the last instance has been replaced, up to 2 days.
   *
   * @default Duration.seconds(0)
   */
  readonly bakeTime?: Duration;

  /**
   * At how many percent of replaced instances the refresh waits for `checkpointDelay`, ascending, 1 to 100. If the last
   * is below 100, the rest is not replaced.
   *
   * @default - it does not wait
   */
  readonly checkpointPercentages?: number[];

  /**
   * How long the refresh waits at each of `checkpointPercentages`, up to 2 days.
   *
   * @default Duration.hours(1)
   */
  readonly checkpointDelay?: Duration;
}
