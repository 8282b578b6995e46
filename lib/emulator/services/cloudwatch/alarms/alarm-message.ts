import { Alarm } from './alarm';
import { timestamp } from './alarm-event';
import type { AnyAlarm } from './any-alarm';
import { CompositeAlarm } from './composite-alarm';

/** What a topic that is an alarm action gets. */
export interface AlarmMessage {
  readonly subject: string;
  /** JSON. */
  readonly text: string;
}

/** How CloudWatch calls the Regions in its messages. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
  'ap-northeast-3': 'Asia Pacific (Osaka)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ca-central-1': 'Canada (Central)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-north-1': 'EU (Stockholm)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'sa-east-1': 'South America (Sao Paulo)',
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
};

const LONGEST_SUBJECT = 100;

/** Creates the message for an alarm's current state. */
export function alarmMessage(alarm: AnyAlarm, account: string, region: string): AlarmMessage {
  const { name, arn, current, previous, definition, configuredAt } = alarm;
  const { input } = definition;
  const regionName = REGION_NAMES[region] ?? region;
  const message = {
    AlarmName: name,
    AlarmDescription: (input as { readonly AlarmDescription?: string }).AlarmDescription ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: timestamp(configuredAt),
    NewStateValue: current.state,
    NewStateReason: current.reason,
    StateChangeTime: timestamp(current.transitionedAt),
    Region: regionName,
    AlarmArn: arn,
    OldStateValue: previous?.state ?? 'INSUFFICIENT_DATA',
    OKActions: input.OKActions ?? [],
    AlarmActions: input.AlarmActions ?? [],
    InsufficientDataActions: input.InsufficientDataActions ?? [],
    ...(alarm instanceof CompositeAlarm && { AlarmRule: alarm.definition.input.AlarmRule }),
    ...(alarm instanceof Alarm && { Trigger: triggerOf(alarm) }),
  };
  const subject = `${current.state}: "${name}" in ${regionName}`;
  return { subject: subject.slice(0, LONGEST_SUBJECT), text: JSON.stringify(message) };
}

function triggerOf({ definition: { input } }: Alarm): object {
  const common = {
    Period: input.Period,
    EvaluationPeriods: input.EvaluationPeriods,
    DatapointsToAlarm: input.DatapointsToAlarm,
    ComparisonOperator: input.ComparisonOperator,
    Threshold: input.Threshold,
    TreatMissingData: input.TreatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: input.EvaluateLowSampleCountPercentile ?? '',
  };
  if (input.Metrics !== undefined) return { ...common, Metrics: input.Metrics };
  const extended = input.ExtendedStatistic !== undefined;
  return {
    MetricName: input.MetricName,
    Namespace: input.Namespace,
    StatisticType: extended ? 'ExtendedStatistic' : 'Statistic',
    ...(extended ? { ExtendedStatistic: input.ExtendedStatistic } : { Statistic: statisticOf(input.Statistic) }),
    Unit: input.Unit ?? null,
    Dimensions: (input.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
    ...common,
  };
}

/** `SampleCount` as `SAMPLE_COUNT`. */
function statisticOf(statistic = ''): string {
  return statistic.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}
