import { type Alarm, type IAlarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IStream } from 'aws-cdk-lib/aws-kinesis';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { checkProps, enforce, like, list, oneOf, required, type Shape } from '../rules';
import {
  ALARM,
  type AlarmDefinition,
  AlarmFactory,
  NOTIFICATION_RULES,
  NOTIFICATIONS,
  propertyOf,
  type WrongNumber,
  wrongNumber,
} from './alarm-factory';
import { type AlarmNotificationProps, type AlarmOverrides, AlarmSeverity } from './alarm-options';

/** The alarms of a stream, by name. */
export enum StreamAlarm {
  /** Records are read late. */
  ITERATOR_AGE = 'IteratorAge',
  /** Consumers read more than the shards allow. */
  READ_THROTTLED = 'ReadThrottled',
  /** Producers write more than the shards take. */
  WRITE_THROTTLED = 'WriteThrottled',
  /** Records of PutRecords requests were refused, for throttling or an internal error. */
  RECORDS_FAILED = 'RecordsFailed',
}

/** Properties of StreamAlarms. */
export interface StreamAlarmsProps extends AlarmNotificationProps {
  /** The stream to watch, also one that is defined elsewhere. */
  readonly stream: IStream;

  /**
   * The alarms to leave out.
   *
   * @default - none
   */
  readonly disabled?: StreamAlarm[];

  /**
   * Changes IteratorAge; its unit is milliseconds.
   *
   * @default - 900,000 milliseconds, in 5 of 5 minutes; critical
   */
  readonly iteratorAge?: AlarmOverrides;

  /**
   * Changes ReadThrottled; its unit is refused reads.
   *
   * @default - 1 in a minute, in 5 of 5 minutes; a warning
   */
  readonly readThrottled?: AlarmOverrides;

  /**
   * Changes WriteThrottled; its unit is refused records.
   *
   * @default - 1 in a minute, in 5 of 5 minutes; a warning
   */
  readonly writeThrottled?: AlarmOverrides;

  /**
   * Changes RecordsFailed; its unit is records.
   *
   * @default - 1 in a minute, in 5 of 5 minutes; a warning
   */
  readonly recordsFailed?: AlarmOverrides;
}

const PROPS: Shape<StreamAlarmsProps> = {
  stream: required(like('a stream (IStream)', 'streamArn', 'metric')),
  ...NOTIFICATIONS,
  disabled: list(oneOf('StreamAlarm', StreamAlarm)),
  iteratorAge: ALARM,
  readThrottled: ALARM,
  writeThrottled: ALARM,
  recordsFailed: ALARM,
};

const MINUTE = Duration.minutes(1);
const AGE = Duration.minutes(15);

/**
 * The alarms that a Kinesis stream should have, each of which can be changed and left out by name.
 *
 * `IteratorAge` is that of the slowest consumer: records that are older than the stream's retention period are lost.
 *
 * @example
 * new StreamAlarms(this, 'Alarms', { stream: pipeline.stream, topic: onCall });
 */
export class StreamAlarms extends Construct {
  /** The alarms, those left out not included. */
  public readonly alarms: IAlarm[];

  private readonly byName = new Map<StreamAlarm, Alarm>();

  constructor(scope: Construct, id: string, props: StreamAlarmsProps) {
    super(scope, id);
    checkProps(this, 'StreamAlarms', props, PROPS);
    enforce(this, { ...props, wrong: wrong(props) }, NOTIFICATION_RULES);
    const factory = new AlarmFactory(this, props);
    for (const [name, definition] of definitions(props.stream)) {
      if (props.disabled?.includes(name) === true) continue;
      this.byName.set(name, factory.create(name, definition, props[propertyOf(name)]));
    }
    this.alarms = [...this.byName.values()];
  }

  /** The alarm of that name; undefined if it was left out. */
  public alarm(name: StreamAlarm): Alarm | undefined {
    return this.byName.get(name);
  }
}

function* definitions(stream: IStream): Iterable<readonly [StreamAlarm, AlarmDefinition]> {
  const { path } = stream.node;
  const counted = (metricName: string) => ({
    metric: (period: Duration) => stream.metric(metricName, { period, statistic: Stats.SUM }),
    threshold: 1,
    period: MINUTE,
    periods: 5,
    severity: AlarmSeverity.WARNING,
  });
  yield [
    StreamAlarm.ITERATOR_AGE,
    {
      metric: (period) => stream.metric('GetRecords.IteratorAgeMilliseconds', { period, statistic: Stats.MAXIMUM }),
      threshold: AGE.toMilliseconds(),
      period: MINUTE,
      periods: 5,
      severity: AlarmSeverity.CRITICAL,
      description: `Records of ${path} are read too many milliseconds late: a consumer fails or is too slow, and records expire`,
    },
  ];
  yield [
    StreamAlarm.READ_THROTTLED,
    {
      ...counted('ReadProvisionedThroughputExceeded'),
      description: `Consumers of ${path} read more than its shards allow: add shards, or give them enhanced fan-out`,
    },
  ];
  yield [
    StreamAlarm.WRITE_THROTTLED,
    {
      ...counted('WriteProvisionedThroughputExceeded'),
      description: `Producers of ${path} write more than its shards take: add shards, or spread the partition keys`,
    },
  ];
  yield [
    StreamAlarm.RECORDS_FAILED,
    {
      ...counted('PutRecords.FailedRecords'),
      description: `Records for ${path} are refused: do its producers send again what PutRecords reports as failed?`,
    },
  ];
}

function wrong(props: StreamAlarmsProps): WrongNumber | undefined {
  for (const alarm of Object.values(StreamAlarm)) {
    const property = propertyOf(alarm);
    const found = wrongNumber(property, props[property]);
    if (found !== undefined) return found;
  }
  return undefined;
}
