import { Alarm, type ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type Construct } from 'constructs';

/** Properties of a PolicyAlarm. */
export interface PolicyAlarmProps {
  /** What it looks at. */
  readonly metric: IMetric;
  /** How. */
  readonly comparisonOperator: ComparisonOperator;
  /** The threshold, which the bounds of the policy's steps are relative to. */
  readonly threshold: number;
  /** For how many minutes in a row. */
  readonly minutes: number;
  /** What a reader of the alarm learns. */
  readonly alarmDescription: string;
  /** What it does, every minute while it lasts. */
  readonly policyArn: string;
}

/** An alarm that a scaling policy acts on. */
export class PolicyAlarm extends Alarm {
  constructor(scope: Construct, id: string, { minutes, policyArn, ...props }: PolicyAlarmProps) {
    super(scope, id, {
      ...props,
      evaluationPeriods: minutes,
      // A queue that nobody has used for six hours reports nothing: there is nothing to add, and nothing left to remove.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.addAlarmAction({ bind: () => ({ alarmActionArn: policyArn }) });
  }
}
