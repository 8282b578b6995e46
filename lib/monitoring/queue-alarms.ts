import { Alarm, ComparisonOperator, type IAlarm, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import {
  checkProps,
  computed,
  duration,
  enforce,
  FLAG,
  known,
  knownSeconds,
  like,
  list,
  NUMBER,
  oneOf,
  QUEUE,
  required,
  type Shape,
  struct,
  TEXT,
  TOPIC,
} from '../rules';
import { AlarmTopic } from './alarm-topic';
import { knownQueue } from './known-queue';
import { QueueAlarm, type QueueAlarmOptions, type QueueAlarmsProps } from './queue-alarms-props';
import { ALARM_RULES, type QueueAlarmsFacts } from './queue-alarms-rules';
import { QueueMetrics } from './queue-metrics';

const AGE = 900;
const IN_FLIGHT = 96_000; // of 120,000, for standard and FIFO queues alike
const UNDELETED_PERCENT = 10;
const QUARTER = 900;
const BEHIND_ONE_GROUP = 100;
/** Which part of what is left of a message's life may pass before the alarm. */
const EXPIRY_SHARE = 0.5;

const OPTIONS: Shape<QueueAlarmOptions> = {
  threshold: NUMBER,
  period: computed(duration('Duration.minutes(5)')),
  evaluationPeriods: NUMBER,
  datapointsToAlarm: NUMBER,
  treatMissingData: oneOf('TreatMissingData', TreatMissingData),
  alarmName: TEXT,
  alarmDescription: TEXT,
  actionsEnabled: FLAG,
};
const ALARM = struct(OPTIONS, 'an object of alarm options, such as { threshold: 10 }');
/** A threshold is computed from the retention periods. */
const PROPS: Shape<QueueAlarmsProps> = {
  queue: required(QUEUE),
  deadLetterQueue: QUEUE,
  topic: TOPIC,
  actions: list(like('an alarm action, such as new SnsAction(topic)', 'bind')),
  notifyOk: computed(FLAG),
  disabled: list(oneOf('QueueAlarm', QueueAlarm)),
  fairQueue: computed(FLAG),
  retentionPeriod: computed(duration('Duration.days(4)')),
  deadLetterRetentionPeriod: computed(duration('Duration.days(14)')),
  deadLetterQueueNotEmpty: ALARM,
  deadLetterQueueExpiry: ALARM,
  ageOfOldestMessage: ALARM,
  undeletedReceives: ALARM,
  inFlightQuota: ALARM,
  noisyGroups: ALARM,
  blockedGroups: ALARM,
};

/** An alarm as it is without options. */
interface Definition {
  readonly alarm: QueueAlarm;
  readonly metric: (period: Duration) => IMetric;
  readonly threshold: number;
  readonly period: Duration;
  readonly periods: number;
  readonly description: string;
}

/**
 * The alarms that a queue should have, each of which can be changed and left out by name.
 *
 * - `DeadLetterQueueNotEmpty` looks at visible messages: the number sent doesn't count what SQS moves.
 * - `DeadLetterQueueExpiry` knows that a standard queue's messages keep their first time of enqueueing when they move.
 * - `AgeOfOldestMessage` doesn't see messages that were received three times or more; `UndeletedReceives` sees these,
 *   and the alarms on the dead-letter queue see where they end.
 *
 * @example
 * new QueueAlarms(this, 'Alarms', { queue: jobs.queue, topic: onCall });
 */
export class QueueAlarms extends Construct {
  /** The alarms, those left out not included. */
  public readonly alarms: IAlarm[];

  private readonly byName = new Map<QueueAlarm, Alarm>();

  constructor(scope: Construct, id: string, props: QueueAlarmsProps) {
    super(scope, id);
    checkProps(this, 'QueueAlarms', props, PROPS);
    const facts = factsOf(props);
    enforce(this, facts, ALARM_RULES);
    const topic = props.topic && new AlarmTopic(this, props.topic);
    for (const definition of definitions(facts)) {
      if (props.disabled?.includes(definition.alarm) === true) continue;
      const alarm = this.create(definition, optionsOf(props, definition.alarm));
      this.byName.set(definition.alarm, alarm);
      if (topic !== undefined) alarm.addAlarmAction(topic);
      if (topic !== undefined && (props.notifyOk ?? true)) alarm.addOkAction(topic);
      alarm.addAlarmAction(...(props.actions ?? []));
    }
    this.alarms = [...this.byName.values()];
  }

  /** The alarm of that name; undefined when it was left out or a queue of this kind has none. */
  public alarm(name: QueueAlarm): Alarm | undefined {
    return this.byName.get(name);
  }

  private create(definition: Definition, options: QueueAlarmOptions = {}): Alarm {
    const period = options.period ?? definition.period;
    return new Alarm(this, definition.alarm, {
      metric: definition.metric(period),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: options.threshold ?? definition.threshold,
      evaluationPeriods: options.evaluationPeriods ?? definition.periods,
      datapointsToAlarm: options.datapointsToAlarm,
      treatMissingData: options.treatMissingData ?? TreatMissingData.NOT_BREACHING,
      alarmName: options.alarmName,
      alarmDescription: options.alarmDescription ?? definition.description,
      actionsEnabled: options.actionsEnabled,
    });
  }
}

const MINUTE = Duration.minutes(1);

function* definitions(facts: QueueAlarmsFacts): Iterable<Definition> {
  const { queue, deadLetterQueue } = facts;
  const metrics = QueueMetrics.fromQueue(queue);
  if (deadLetterQueue !== undefined) yield* ofDeadLetters(facts, deadLetterQueue);
  yield {
    alarm: QueueAlarm.AGE_OF_OLDEST_MESSAGE,
    metric: (period) => metrics.metricApproximateAgeOfOldestMessage({ period }),
    threshold: AGE,
    period: MINUTE,
    periods: 5,
    description: `The oldest message of ${queue.node.path} has waited for too many seconds: are there consumers, and enough?`,
  };
  yield {
    alarm: QueueAlarm.UNDELETED_RECEIVES,
    metric: (period) => metrics.metricUndeletedReceives({ period }),
    threshold: UNDELETED_PERCENT,
    period: Duration.seconds(receiveWindow(queue)),
    periods: 4,
    description: `Too many percent of what is received from ${queue.node.path} isn't deleted: consumers fail, or take longer than the visibility timeout`,
  };
  yield {
    alarm: QueueAlarm.IN_FLIGHT_QUOTA,
    metric: (period) => metrics.metricApproximateNumberOfMessagesNotVisible({ period }),
    threshold: IN_FLIGHT,
    period: MINUTE,
    periods: 3,
    description: `So many messages of ${queue.node.path} are in flight that SQS will soon give out no more (120,000): do consumers delete what they have done?`,
  };
  if (queue.fifo) {
    yield {
      alarm: QueueAlarm.BLOCKED_GROUPS,
      metric: (period) => metrics.metricMessagesBehindOneGroup({ period }),
      threshold: BEHIND_ONE_GROUP,
      period: MINUTE,
      periods: 15,
      description: `Many messages of ${queue.node.path} wait while at most one group is worked on: more consumers won't help, more groups will`,
    };
  } else if (facts.fairQueue === true) {
    yield {
      alarm: QueueAlarm.NOISY_GROUPS,
      metric: (period) => metrics.metricApproximateNumberOfNoisyGroups({ period }),
      threshold: 1,
      period: MINUTE,
      periods: 15,
      description: `Some groups of ${queue.node.path} use more than their share, and wait while others are served first`,
    };
  }
}

function* ofDeadLetters(facts: QueueAlarmsFacts, deadLetterQueue: IQueue): Iterable<Definition> {
  const { queue, sourceRetention = 0, deadLetterRetention = 0 } = facts;
  const metrics = QueueMetrics.fromQueue(deadLetterQueue);
  yield {
    alarm: QueueAlarm.DEAD_LETTER_QUEUE_NOT_EMPTY,
    metric: (period) => metrics.metricApproximateNumberOfMessagesVisible({ period }),
    threshold: 1,
    period: MINUTE,
    periods: 1,
    description: `Messages of ${queue.node.path} have failed: they are in its dead-letter queue`,
  };
  yield {
    alarm: QueueAlarm.DEAD_LETTER_QUEUE_EXPIRY,
    metric: (period) => metrics.metricApproximateAgeOfOldestMessage({ period }),
    // The age counts from the move. A standard queue's messages have used up as much as the queue's retention period by
    // then; a FIFO queue's start anew.
    threshold: Math.floor(EXPIRY_SHARE * (deadLetterRetention - (queue.fifo ? 0 : sourceRetention))),
    period: MINUTE,
    periods: 1,
    description: `Failed messages of ${queue.node.path} will expire in its dead-letter queue: redrive or save them`,
  };
}

/** In seconds: as long as a message that fails takes to come back, for each window to see it. */
function receiveWindow(queue: IQueue): number {
  return Math.max(QUARTER, Math.ceil((knownQueue(queue).visibility ?? 0) / 60) * 60);
}

function factsOf(props: QueueAlarmsProps): QueueAlarmsFacts {
  const { queue, disabled = [] } = props;
  const deadLetterQueue = props.deadLetterQueue ?? knownQueue(queue).deadLetterQueue;
  return {
    ...props,
    deadLetterQueue,
    sourceRetention: knownSeconds(props.retentionPeriod) ?? knownQueue(queue).retention,
    deadLetterRetention:
      knownSeconds(props.deadLetterRetentionPeriod) ?? (deadLetterQueue && knownQueue(deadLetterQueue).retention),
    derivesExpiry:
      deadLetterQueue !== undefined &&
      !disabled.includes(QueueAlarm.DEAD_LETTER_QUEUE_EXPIRY) &&
      props.deadLetterQueueExpiry?.threshold === undefined,
    absent: [...absent(props, deadLetterQueue)],
    wrong: wrong(props),
  };
}

function* absent(props: QueueAlarmsProps, deadLetterQueue?: IQueue): Iterable<QueueAlarmsFacts['absent'][number]> {
  const { queue, fairQueue } = props;
  const needs = (alarm: QueueAlarm): string | undefined => {
    switch (alarm) {
      case QueueAlarm.DEAD_LETTER_QUEUE_NOT_EMPTY:
      case QueueAlarm.DEAD_LETTER_QUEUE_EXPIRY:
        return deadLetterQueue === undefined ? 'a deadLetterQueue' : undefined;
      case QueueAlarm.NOISY_GROUPS:
        return queue.fifo || fairQueue !== true ? 'a standard queue with fairQueue: true' : undefined;
      case QueueAlarm.BLOCKED_GROUPS:
        return queue.fifo ? undefined : 'a FIFO queue';
      default:
        return undefined;
    }
  };
  for (const alarm of Object.values(QueueAlarm)) {
    const reason = needs(alarm);
    if (reason !== undefined && optionsOf(props, alarm) !== undefined) {
      yield { property: propertyOf(alarm), alarm, needs: reason };
    }
  }
}

function wrong(props: QueueAlarmsProps): QueueAlarmsFacts['wrong'] {
  for (const alarm of Object.values(QueueAlarm)) {
    const options = optionsOf(props, alarm);
    const property = propertyOf(alarm);
    const periods = known(options?.evaluationPeriods);
    const seconds = knownSeconds(options?.period);
    const points = known(options?.datapointsToAlarm);
    const threshold = known(options?.threshold);
    if (threshold !== undefined && !(threshold > 0)) {
      return { property: `${property}.threshold`, got: String(threshold), allowed: 'a number above 0' };
    }
    if (seconds !== undefined && (seconds % 60 !== 0 || seconds === 0)) {
      return { property: `${property}.period`, got: `${seconds} seconds`, allowed: 'in whole minutes' };
    }
    if (periods !== undefined && !(Number.isInteger(periods) && periods > 0)) {
      return { property: `${property}.evaluationPeriods`, got: String(periods), allowed: 'a whole number from 1' };
    }
    if (points !== undefined && !(Number.isInteger(points) && points > 0 && points <= (periods ?? points))) {
      return {
        property: `${property}.datapointsToAlarm`,
        got: String(points),
        allowed: 'a whole number from 1 to evaluationPeriods',
      };
    }
  }
  return undefined;
}

function propertyOf(alarm: QueueAlarm) {
  return `${alarm[0].toLowerCase()}${alarm.slice(1)}` as Uncapitalize<QueueAlarm>;
}

function optionsOf(props: QueueAlarmsProps, alarm: QueueAlarm): QueueAlarmOptions | undefined {
  return props[propertyOf(alarm)];
}
