import { type Alarm, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { MessageQueue } from '../queue/message-queue';
import {
  checkProps,
  computed,
  duration,
  enforce,
  FLAG,
  knownSeconds,
  list,
  oneOf,
  QUEUE,
  required,
  type Shape,
} from '../rules';
import { ALARM, type AlarmDefinition, AlarmFactory, NOTIFICATIONS, propertyOf, wrongNumber } from './alarm-factory';
import { type AlarmOverrides, AlarmSeverity } from './alarm-options';
import { knownQueue } from './known-queue';
import { QueueAlarm, type QueueAlarmsProps } from './queue-alarms-props';
import { ALARM_RULES, type QueueAlarmsFacts } from './queue-alarms-rules';
import { QueueMetrics } from './queue-metrics';

const AGE = 900;
const IN_FLIGHT = 96_000; // of 120,000, for standard and FIFO queues alike
const UNDELETED_PERCENT = 10;
const QUARTER = 900;
const BEHIND_ONE_GROUP = 100;
/** Which part of what is left of a message's life may pass before the alarm. */
const EXPIRY_SHARE = 0.5;

/** A threshold is computed from the retention periods. */
const PROPS: Shape<QueueAlarmsProps> = {
  queue: required(QUEUE),
  deadLetterQueue: QUEUE,
  ...NOTIFICATIONS,
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
  undelivered: ALARM,
  backlog: ALARM,
  timeToDrain: ALARM,
  silentProducer: ALARM,
};

/** An alarm of a queue, and its name. */
interface Definition extends AlarmDefinition {
  readonly alarm: QueueAlarm;
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
  private readonly all: Alarm[] = [];
  private readonly byName = new Map<QueueAlarm, Alarm>();

  constructor(scope: Construct, id: string, props: QueueAlarmsProps) {
    super(scope, id);
    checkProps(this, 'QueueAlarms', props, PROPS);
    const facts = factsOf(props);
    enforce(this, facts, ALARM_RULES);
    const factory = new AlarmFactory(this, props);
    const create = (definition: Definition, alarmId?: string) => {
      const { alarm: name } = definition;
      if (props.disabled?.includes(name) === true) return;
      const alarm = factory.create(name, definition, overridesOf(props, name), alarmId);
      this.all.push(alarm);
      if (!this.byName.has(name)) this.byName.set(name, alarm);
    };
    for (const definition of definitions(facts)) create(definition);
    // Producers that are added later may be the first to leave messages there.
    ownerOf(props.queue)?._whenUndelivered((undelivered) =>
      create(ofUndelivered(props.queue, undelivered), undelivered.node.id),
    );
  }

  /** The alarms, those left out not included. An alarm on undelivered messages follows the producer that needs it. */
  public get alarms(): IAlarm[] {
    return [...this.all];
  }

  /** The alarm of that name; undefined when it was left out or a queue of this kind has none. */
  public alarm(name: QueueAlarm): Alarm | undefined {
    return this.byName.get(name);
  }
}

const MINUTE = Duration.minutes(1);
const HOUR = Duration.hours(1);

function* definitions(facts: QueueAlarmsFacts): Iterable<Definition> {
  const { queue, deadLetterQueue } = facts;
  const metrics = QueueMetrics.fromQueue(queue);
  if (deadLetterQueue !== undefined) yield* ofDeadLetters(facts, deadLetterQueue);
  yield {
    alarm: QueueAlarm.AGE_OF_OLDEST_MESSAGE,
    severity: AlarmSeverity.WARNING,
    metric: (period) => metrics.metricApproximateAgeOfOldestMessage({ period }),
    threshold: AGE,
    period: MINUTE,
    periods: 5,
    description: `The oldest message of ${queue.node.path} has waited for too many seconds: are there consumers, and enough?`,
  };
  yield {
    alarm: QueueAlarm.UNDELETED_RECEIVES,
    severity: AlarmSeverity.WARNING,
    metric: (period) => metrics.metricUndeletedReceives({ period }),
    threshold: UNDELETED_PERCENT,
    period: Duration.seconds(receiveWindow(queue)),
    periods: 4,
    description: `Too many percent of what is received from ${queue.node.path} isn't deleted: consumers fail, or take longer than the visibility timeout`,
  };
  yield {
    alarm: QueueAlarm.IN_FLIGHT_QUOTA,
    severity: AlarmSeverity.CRITICAL,
    metric: (period) => metrics.metricApproximateNumberOfMessagesNotVisible({ period }),
    threshold: IN_FLIGHT,
    period: MINUTE,
    periods: 3,
    description: `So many messages of ${queue.node.path} are in flight that SQS will soon give out no more (120,000): do consumers delete what they have done?`,
  };
  if (queue.fifo) {
    yield {
      alarm: QueueAlarm.BLOCKED_GROUPS,
      severity: AlarmSeverity.WARNING,
      metric: (period) => metrics.metricMessagesBehindOneGroup({ period }),
      threshold: BEHIND_ONE_GROUP,
      period: MINUTE,
      periods: 15,
      description: `Many messages of ${queue.node.path} wait while at most one group is worked on: more consumers won't help, more groups will`,
    };
  } else if (facts.fairQueue === true) {
    yield {
      alarm: QueueAlarm.NOISY_GROUPS,
      severity: AlarmSeverity.WARNING,
      metric: (period) => metrics.metricApproximateNumberOfNoisyGroups({ period }),
      threshold: 1,
      period: MINUTE,
      periods: 15,
      description: `Some groups of ${queue.node.path} use more than their share, and wait while others are served first`,
    };
  }
  yield* asked(facts);
}

/** The alarms that exist only if their options are given. */
function* asked({ queue, backlog, timeToDrain, silentProducer }: QueueAlarmsFacts): Iterable<Definition> {
  const metrics = QueueMetrics.fromQueue(queue);
  if (backlog?.threshold !== undefined) {
    yield {
      alarm: QueueAlarm.BACKLOG,
      severity: AlarmSeverity.WARNING,
      metric: (period) => metrics.metricApproximateNumberOfMessagesVisible({ period }),
      threshold: backlog.threshold,
      period: MINUTE,
      periods: 15,
      description: `More messages of ${queue.node.path} wait than should: are there consumers, and enough?`,
    };
  }
  if (timeToDrain !== undefined) {
    yield {
      alarm: QueueAlarm.TIME_TO_DRAIN,
      severity: AlarmSeverity.WARNING,
      metric: (period) => metrics.metricTimeToDrain({ period }),
      threshold: HOUR.toSeconds(),
      period: MINUTE,
      periods: 15,
      description: `At the present rates, ${queue.node.path} takes too many seconds to drain: it needs more consumers, or faster ones`,
    };
  }
  if (silentProducer !== undefined) {
    yield {
      alarm: QueueAlarm.SILENT_PRODUCER,
      severity: AlarmSeverity.WARNING,
      metric: (period) => metrics.metricNumberOfMessagesSent({ period }),
      threshold: 1,
      period: HOUR,
      periods: 1,
      onSilence: true,
      description: `Hardly anything is sent to ${queue.node.path}: have its producers stopped, or lost their permission?`,
    };
  }
}

function ofUndelivered(queue: IQueue, undelivered: IQueue): Definition {
  const metrics = QueueMetrics.fromQueue(undelivered);
  return {
    alarm: QueueAlarm.UNDELIVERED,
    severity: AlarmSeverity.CRITICAL,
    metric: (period) => metrics.metricApproximateNumberOfMessagesVisible({ period }),
    threshold: 1,
    period: MINUTE,
    periods: 1,
    description: `Services could not deliver messages to ${queue.node.path}: they are in ${undelivered.node.path}`,
  };
}

function* ofDeadLetters(facts: QueueAlarmsFacts, deadLetterQueue: IQueue): Iterable<Definition> {
  const { queue, sourceRetention = 0, deadLetterRetention = 0 } = facts;
  const metrics = QueueMetrics.fromQueue(deadLetterQueue);
  yield {
    alarm: QueueAlarm.DEAD_LETTER_QUEUE_NOT_EMPTY,
    severity: AlarmSeverity.WARNING,
    metric: (period) => metrics.metricApproximateNumberOfMessagesVisible({ period }),
    threshold: 1,
    period: MINUTE,
    periods: 1,
    description: `Messages of ${queue.node.path} have failed: they are in its dead-letter queue`,
  };
  yield {
    alarm: QueueAlarm.DEAD_LETTER_QUEUE_EXPIRY,
    severity: AlarmSeverity.CRITICAL,
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

/** The construct that the queue is of, if it is one of this library's. */
function ownerOf({ node: { scope } }: IQueue): MessageQueue | undefined {
  return scope instanceof MessageQueue ? scope : undefined;
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
      case QueueAlarm.UNDELIVERED:
        return ownerOf(queue) === undefined ? 'the queue of a StandardQueue or FifoQueue' : undefined;
      default:
        return undefined;
    }
  };
  for (const alarm of Object.values(QueueAlarm)) {
    const reason = needs(alarm);
    if (reason !== undefined && overridesOf(props, alarm) !== undefined) {
      yield { property: propertyOf(alarm), alarm, needs: reason };
    }
  }
}

function wrong(props: QueueAlarmsProps): QueueAlarmsFacts['wrong'] {
  for (const alarm of Object.values(QueueAlarm)) {
    const found = wrongNumber(propertyOf(alarm), overridesOf(props, alarm));
    if (found !== undefined) return found;
  }
  return undefined;
}

function overridesOf(props: QueueAlarmsProps, alarm: QueueAlarm): AlarmOverrides | undefined {
  return props[propertyOf(alarm)];
}
