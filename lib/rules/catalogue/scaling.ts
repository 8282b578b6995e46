import { type Deployment } from '../template/deployment';
import { at, list, numberIn } from '../template/json';
import { check, type Subject, type TemplateRule } from './template-rule';

interface Group extends Subject {
  readonly min?: number;
  readonly max?: number;
  readonly desired?: number;
}

function* groups(app: Deployment): Iterable<Group> {
  for (const resource of app.ofType('AWS::AutoScaling::AutoScalingGroup')) {
    const [min, max, desired] = ['MinSize', 'MaxSize', 'DesiredCapacity'].map((name) => numberIn(resource.get(name)));
    yield { resource, min, max, desired };
  }
}

const GROUP_RULES: readonly TemplateRule<Group>[] = [
  {
    id: 'Spillway-AutoScaling-SizesCrossed',
    property: 'MinSize',
    broken: ({ min, max }) => min !== undefined && max !== undefined && min > max,
    message: ({ min, max }) => `must be at most MaxSize (${max}), but was ${min}; Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScaling-DesiredOutside',
    property: 'DesiredCapacity',
    broken: ({ min = 0, max, desired }) => desired !== undefined && (desired < min || desired > (max ?? desired)),
    message: ({ min = 0, max, desired }) =>
      `must be between ${min} (MinSize) and ${max} (MaxSize), but was ${desired}; Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScaling-LaunchConfiguration',
    severity: 'warning',
    property: 'LaunchConfigurationName',
    broken: ({ resource }) => resource.get('LaunchConfigurationName') !== undefined,
    message: () =>
      `should not be set: use a LaunchTemplate; EC2 no longer offers launch configurations to new accounts, nor the newer instance types with them`,
  },
];

interface Tracking extends Subject {
  readonly metric: unknown;
  readonly namespace: unknown;
}

function* trackings(app: Deployment): Iterable<Tracking> {
  const places: readonly (readonly [string, string])[] = [
    ['AWS::AutoScaling::ScalingPolicy', 'TargetTrackingConfiguration'],
    ['AWS::ApplicationAutoScaling::ScalingPolicy', 'TargetTrackingScalingPolicyConfiguration'],
  ];
  for (const [type, property] of places) {
    for (const resource of app.ofType(type)) {
      const configuration = resource.get(property);
      const specification = at(configuration, 'CustomizedMetricSpecification');
      if (list(at(specification, 'Metrics')).length > 0) continue; // a formula: may well divide by the capacity
      yield { resource, metric: at(specification, 'MetricName'), namespace: at(specification, 'Namespace') };
    }
  }
}

const TRACKING_RULES: readonly TemplateRule<Tracking>[] = [
  {
    id: 'Spillway-AutoScaling-TracksBacklog',
    severity: 'warning',
    property: ({ resource }) =>
      resource.type === 'AWS::AutoScaling::ScalingPolicy'
        ? 'TargetTrackingConfiguration.CustomizedMetricSpecification.MetricName'
        : 'TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.MetricName',
    broken: ({ metric, namespace }) =>
      namespace === 'AWS/SQS' && typeof metric === 'string' && metric.startsWith('ApproximateNumberOfMessages'),
    message: ({ metric }) =>
      `should be a backlog per instance (Metrics with an expression), but was ${String(metric)}; target tracking expects the metric to fall in proportion as capacity grows, which a queue's depth doesn't, and overshoots`,
  },
];

interface UserData extends Subject {
  /** Of what is known at synthesis: the rest can only add to it. */
  readonly bytes: number;
}

function* userData(app: Deployment): Iterable<UserData> {
  for (const resource of app.ofType('AWS::EC2::LaunchTemplate')) {
    const text = at(resource.get('LaunchTemplateData', 'UserData'), 'Fn::Base64');
    if (text !== undefined) yield { resource, bytes: knownBytes(text) };
  }
}

function knownBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  const parts = list(at(value, 'Fn::Join', 1)).map(knownBytes);
  const separators = Math.max(parts.length - 1, 0) * knownBytes(at(value, 'Fn::Join', 0) ?? '');
  const sub = at(value, 'Fn::Sub');
  const text = Array.isArray(sub) ? (sub[0] as unknown) : sub;
  return (
    parts.reduce((sum, bytes) => sum + bytes, separators) +
    (typeof text === 'string' ? knownBytes(text.replace(/\$\{[^}]*\}/g, '')) : 0)
  );
}

const MOST_USER_DATA = 16_384;

const USER_DATA_RULES: readonly TemplateRule<UserData>[] = [
  {
    id: 'Spillway-AutoScaling-UserDataTooLarge',
    property: 'LaunchTemplateData.UserData',
    broken: ({ bytes }) => bytes > MOST_USER_DATA,
    message: ({ bytes }) =>
      `must be at most 16,384 bytes before it is encoded, but was ${bytes.toLocaleString('en-US')}; EC2 refuses more. Have the script fetch the rest from S3`,
  },
];

/** What groups that work on queues must be like. */
export const SCALING = [check(groups, GROUP_RULES), check(trackings, TRACKING_RULES), check(userData, USER_DATA_RULES)];
