import { type Deployment } from '../template/deployment';
import { at, list, numberIn } from '../template/json';
import { queueEnd } from '../template/queue-end';
import { type Resource } from '../template/resource';
import { deadLetterQueues } from './dead-letters';
import { check, type Subject, type TemplateRule } from './template-rule';
import { differ } from './wording';

const GAUGES = [
  'ApproximateNumberOfMessagesVisible',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateAgeOfOldestMessage',
  'ApproximateNumberOfGroupsWithInflightMessages',
  'ApproximateNumberOfNoisyGroups',
  'ApproximateNumberOfMessagesVisibleInQuietGroups',
  'ApproximateNumberOfMessagesNotVisibleInQuietGroups',
  'ApproximateNumberOfMessagesDelayedInQuietGroups',
  'ApproximateAgeOfOldestMessageInQuietGroups',
];
const COUNTERS = [
  'NumberOfMessagesSent',
  'NumberOfMessagesReceived',
  'NumberOfEmptyReceives',
  'NumberOfMessagesDeleted',
  'NumberOfDeduplicatedSentMessages',
  'SentMessageSize',
];
const WAITING = 'ApproximateNumberOfMessagesVisible';
const IN_FLIGHT = 'ApproximateNumberOfMessagesNotVisible';

/** A metric of SQS in an alarm. */
interface QueueMetricFacts extends Subject {
  readonly place: string;
  readonly metric: string;
  readonly statistic?: string;
  /** Where the dimension's value leads, when it isn't a name. */
  readonly misnamed?: 'URL' | 'ARN';
  readonly queue?: Resource;
  readonly isDeadLetterQueue: boolean;
  readonly hasQueueName: boolean;
  /** In seconds. */
  readonly period?: number;
}

function* queueMetrics(app: Deployment): Iterable<QueueMetricFacts> {
  const deadLetters = deadLetterQueues(app);
  for (const resource of app.ofType('AWS::CloudWatch::Alarm')) {
    for (const { place, namespace, metric, dimensions, statistic, period } of metricsOf(resource)) {
      const dimension = list(dimensions).find((one) => at(one, 'Name') === 'QueueName');
      const value = at(dimension, 'Value');
      if (namespace !== 'AWS/SQS' || typeof metric !== 'string') continue;
      const end = queueEnd(app, value, resource.stack);
      const queue = end?.queue ?? queueByName(app, app.text(value, resource.stack));
      yield {
        resource,
        place,
        metric,
        statistic: typeof statistic === 'string' ? statistic : undefined,
        misnamed: misnomer(end?.attribute, app.text(value, resource.stack)),
        queue,
        isDeadLetterQueue: queue !== undefined && deadLetters.has(queue),
        hasQueueName: dimension !== undefined,
        period: numberIn(period),
      };
    }
  }
}

interface AlarmMetric {
  readonly place: string;
  readonly namespace: unknown;
  readonly metric: unknown;
  readonly dimensions: unknown;
  readonly statistic: unknown;
  readonly period: unknown;
}

function* metricsOf(alarm: Resource): Iterable<AlarmMetric> {
  yield {
    place: '',
    namespace: alarm.get('Namespace'),
    metric: alarm.get('MetricName'),
    dimensions: alarm.get('Dimensions'),
    statistic: alarm.get('Statistic'),
    period: alarm.get('Period'),
  };
  for (const [index, query] of list(alarm.get('Metrics')).entries()) {
    const metric = at(query, 'MetricStat', 'Metric');
    yield {
      place: `Metrics[${index}].MetricStat.`,
      namespace: at(metric, 'Namespace'),
      metric: at(metric, 'MetricName'),
      dimensions: at(metric, 'Dimensions'),
      statistic: at(query, 'MetricStat', 'Stat'),
      period: at(query, 'MetricStat', 'Period'),
    };
  }
}

function misnomer(attribute: string | undefined, text: string | undefined): 'URL' | 'ARN' | undefined {
  if (attribute === 'Arn' || text?.startsWith('arn:') === true) return 'ARN';
  return attribute === 'Ref' || attribute === 'QueueUrl' || text?.startsWith('https:') === true ? 'URL' : undefined;
}

function queueByName(app: Deployment, name: string | undefined): Resource | undefined {
  if (name === undefined) return undefined;
  return app.ofType('AWS::SQS::Queue').find((queue) => app.text(queue.get('QueueName'), queue.stack) === name);
}

/** The property of an alarm, or what a formula's metric calls it. */
const inMetric = (name: string) => (facts: QueueMetricFacts) =>
  facts.place === '' ? name : `${facts.place}${IN_FORMULA[name] ?? `Metric.${name}`}`;
const IN_FORMULA: Readonly<Record<string, string>> = { Statistic: 'Stat', Period: 'Period' };

/** Metrics of SQS have a value a minute. */
const SHORTEST_PERIOD = 60;

const isAboveTheFirst = ({ resource }: Subject) =>
  resource.get('ComparisonOperator') === 'GreaterThanThreshold' && (numberIn(resource.get('Threshold')) ?? 0) >= 1;

const METRIC_RULES: readonly TemplateRule<QueueMetricFacts>[] = [
  {
    id: 'Spillway-Alarm-QueueNameIsNot',
    property: inMetric('Dimensions'),
    broken: ({ misnamed }) => misnamed !== undefined,
    message: ({ misnamed }) =>
      `must have the queue's name as QueueName (Fn::GetAtt QueueName), but had its ${misnamed}; no such metric ever has data, and the alarm stays silent`,
  },
  {
    id: 'Spillway-Alarm-UnknownMetric',
    property: inMetric('MetricName'),
    broken: ({ metric }) => !GAUGES.includes(metric) && !COUNTERS.includes(metric),
    message: ({ metric }) =>
      `must be one of ${[...GAUGES, ...COUNTERS].join(', ')}, but was '${metric}'; SQS reports no other, and the alarm stays silent`,
  },
  {
    id: 'Spillway-Alarm-DeadLettersSent',
    property: inMetric('MetricName'),
    broken: ({ metric, isDeadLetterQueue }) => isDeadLetterQueue && metric === 'NumberOfMessagesSent',
    message: ({ queue }) =>
      `must be ${WAITING} for the dead-letter queue ${queue?.path}, but was 'NumberOfMessagesSent'; SQS doesn't count what it moves there itself, and the alarm stays silent`,
  },
  {
    id: 'Spillway-Alarm-QueueMissing',
    property: inMetric('Dimensions'),
    broken: ({ hasQueueName }) => !hasQueueName,
    message: () =>
      `must have QueueName, but had not; SQS reports each metric by queue only, and the alarm stays silent`,
  },
  {
    id: 'Spillway-Alarm-OtherRegion',
    property: inMetric('Dimensions'),
    broken: ({ resource, queue }) => differ(resource.stack.region, queue?.stack.region),
    message: ({ resource, queue }) =>
      `must name a queue in ${resource.stack.region}, the alarm's own Region, but ${queue?.path} is in ${queue?.stack.region}; CloudWatch looks for the metric in its own Region only, and the alarm stays silent`,
  },
  {
    id: 'Spillway-Alarm-FirstDeadLetter',
    severity: 'warning',
    property: 'Threshold',
    broken: (facts) =>
      facts.place === '' && facts.isDeadLetterQueue && facts.metric === WAITING && isAboveTheFirst(facts),
    message: ({ resource, queue }) =>
      `should be 0 with GreaterThanThreshold for the dead-letter queue ${queue?.path}, but was ${String(resource.get('Threshold'))}; the first failed message goes unnoticed`,
  },
  {
    id: 'Spillway-Alarm-PeriodBelowMinute',
    severity: 'warning',
    property: inMetric('Period'),
    broken: ({ period }) => period !== undefined && period < SHORTEST_PERIOD,
    message: ({ period }) =>
      `should be 60 seconds or more, but was ${period}; SQS reports each metric once a minute, and the alarm often lapses into INSUFFICIENT_DATA`,
  },
  {
    id: 'Spillway-Alarm-SumOfGauge',
    severity: 'warning',
    property: inMetric('Statistic'),
    broken: ({ metric, statistic }) => GAUGES.includes(metric) && statistic === 'Sum',
    message: ({ metric }) =>
      `should be Maximum, Minimum or Average of ${metric}, but was Sum; it adds up how often SQS looked, not messages`,
  },
];

interface AlarmFacts extends Subject {
  readonly metrics: readonly QueueMetricFacts[];
  readonly missingData: unknown;
  /** The policies that take instances away when the alarm goes off on a low value. */
  readonly scalesIn: readonly Resource[];
}

function* queueAlarms(app: Deployment): Iterable<AlarmFacts> {
  const all = [...queueMetrics(app)];
  for (const resource of app.ofType('AWS::CloudWatch::Alarm')) {
    const metrics = all.filter((one) => one.resource === resource);
    if (metrics.length === 0) continue;
    const isLow = String(resource.get('ComparisonOperator')).startsWith('LessThan');
    const actions = list(resource.get('AlarmActions')).map((action) => app.target(action, resource.stack)?.resource);
    yield {
      resource,
      metrics,
      missingData: resource.get('TreatMissingData') ?? 'missing',
      scalesIn: isLow ? actions.filter((action): action is Resource => action !== undefined && takesAway(action)) : [],
    };
  }
}

function takesAway(policy: Resource): boolean {
  if (policy.type === 'AWS::AutoScaling::ScalingPolicy') {
    const steps = list(policy.get('StepAdjustments')).map((step) => numberIn(at(step, 'ScalingAdjustment')));
    const exact = policy.get('AdjustmentType') === 'ExactCapacity';
    return [...steps, numberIn(policy.get('ScalingAdjustment'))].some(
      (change) => change !== undefined && (exact ? change === 0 : change < 0),
    );
  }
  const configuration = policy.get('StepScalingPolicyConfiguration', 'StepAdjustments');
  return (
    policy.type === 'AWS::ApplicationAutoScaling::ScalingPolicy' &&
    list(configuration).some((step) => (numberIn(at(step, 'ScalingAdjustment')) ?? 0) < 0)
  );
}

const ALARM_RULES: readonly TemplateRule<AlarmFacts>[] = [
  {
    id: 'Spillway-Alarm-MissingData',
    severity: 'warning',
    property: 'TreatMissingData',
    broken: ({ missingData }) => missingData === 'missing',
    message: () =>
      `should be notBreaching, breaching or ignore, but was missing; SQS reports nothing of a queue that is idle for 6 hours, and the alarm ends in INSUFFICIENT_DATA`,
  },
  {
    id: 'Spillway-Alarm-ScaleInIgnoresInFlight',
    severity: 'warning',
    property: 'AlarmActions',
    broken: ({ metrics, scalesIn }) =>
      scalesIn.length > 0 &&
      metrics.some(({ metric }) => metric === WAITING) &&
      !metrics.some(({ metric }) => metric === IN_FLIGHT),
    message: ({ scalesIn }) =>
      `should scale in on ${WAITING} plus ${IN_FLIGHT}, but ${scalesIn.map(({ path }) => path).join(', ')} scales in on ${WAITING} alone; workers are taken away while they work on the last messages`,
  },
];

/** What alarms on queues must be like. */
export const ALARMS = [check(queueMetrics, METRIC_RULES), check(queueAlarms, ALARM_RULES)];
