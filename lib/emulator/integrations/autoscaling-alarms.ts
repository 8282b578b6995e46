import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { AwsError, type RequestContext } from '../core';
import type { PolicyAlarms } from '../services/autoscaling';
import type { IntegratedRegion } from './index';

/** CloudWatch as Auto Scaling's target tracking uses it: for the alarms that its policies keep. */
export class TargetTrackingAlarms implements PolicyAlarms {
  private readonly call: RequestContext;

  constructor(private readonly place: IntegratedRegion<'cloudwatch'>) {
    const { account, region } = place;
    const role = 'role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    this.call = { account, region, endpoint: '', principal: `arn:aws:iam::${account}:${role}` };
  }

  public put(alarm: PutMetricAlarmInput): void {
    this.place.api.cloudwatch.putMetricAlarm(alarm, this.call);
  }

  public delete(alarmNames: readonly string[]): void {
    for (const name of alarmNames) {
      try {
        this.place.api.cloudwatch.deleteAlarms({ AlarmNames: [name] }, this.call);
      } catch (error) {
        // A composite alarm depends on it: it stays, and the policy goes all the same.
        if (!(error instanceof AwsError)) throw error;
      }
    }
  }

  public isInAlarm(alarmName: string): boolean {
    const input = { AlarmNames: [alarmName], StateValue: 'ALARM' as const };
    return this.place.api.cloudwatch.describeAlarms(input, this.call).MetricAlarms?.length === 1;
  }
}
