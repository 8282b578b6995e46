import { snsPrincipal } from '../../queue/sns-principal';
import { type Deployment } from '../template/deployment';
import { at, booleanIn, list } from '../template/json';
import { isFifo, type QueueEnd, queueEnd, regionOf } from '../template/queue-end';
import { type Resource } from '../template/resource';
import { type Subject } from './template-rule';

/** A place from which a service sends to a queue. */
export interface Delivery extends Subject {
  /** The service. */
  readonly service:
    | 'SNS'
    | 'S3'
    | 'EventBridge'
    | 'EventBridge Scheduler'
    | 'EventBridge Pipes'
    | 'Lambda'
    | 'Auto Scaling';
  /** What it sends there: its messages, or only those that it could not deliver elsewhere. */
  readonly purpose: 'messages' | 'dead letters';
  /** The property with the queue's ARN. */
  readonly property: string;
  /** The queue. */
  readonly end: QueueEnd;
  /** The service principal that sends; none where a role of the account does. */
  readonly principal?: string;
  /** The Region that it sends from, when that is known at synthesis. */
  readonly region?: string;
  /** Whether the source is FIFO; undefined when that isn't known, or services of its kind have no kinds. */
  readonly sourceFifo?: boolean;
  /** Whether messages are given a group. */
  readonly grouped?: boolean;
  /** Whether messages are given a deduplication id. */
  readonly deduplicated?: boolean;
}

/** All places from which services send to queues. */
export function* deliveries(app: Deployment): Iterable<Delivery> {
  for (const draft of drafts(app)) {
    const end = queueEnd(app, draft.arn, draft.resource.stack);
    if (end === undefined) continue;
    const region = 'region' in draft ? draft.region : draft.resource.stack.region;
    const principal = draft.service === 'SNS' ? snsPrincipal(region, regionOf(end)) : draft.principal;
    yield { ...draft, region, principal, end };
  }
}

/** The region only where it isn't the stack's. */
type Draft = Omit<Delivery, 'end'> & { readonly arn: unknown };

function* drafts(app: Deployment): Iterable<Draft> {
  for (const subscription of app.ofType('AWS::SNS::Subscription')) yield* fromTopic(app, subscription);
  for (const bucket of app.ofType('AWS::S3::Bucket')) yield* fromBucket(bucket, 'Queue');
  for (const topic of app.ofType('AWS::SNS::Topic')) yield* fromInlineSubscriptions(topic);
  // What the L2's notifications are: the bucket's own property would make a dependency cycle.
  for (const custom of app.ofType('Custom::S3BucketNotifications')) yield* fromBucket(custom, 'QueueArn');
  for (const rule of app.ofType('AWS::Events::Rule')) yield* fromRule(rule);
  for (const schedule of app.ofType('AWS::Scheduler::Schedule')) yield* fromSchedule(schedule);
  for (const resource of app.ofType('AWS::Lambda::Function')) {
    const arn = resource.get('DeadLetterConfig', 'TargetArn');
    yield { resource, service: 'Lambda', purpose: 'dead letters', property: 'DeadLetterConfig.TargetArn', arn };
  }
  for (const config of app.ofType('AWS::Lambda::EventInvokeConfig')) yield* fromInvocations(config);
  for (const pipe of app.ofType('AWS::Pipes::Pipe')) yield fromPipe(pipe);
  for (const resource of app.ofType('AWS::AutoScaling::LifecycleHook')) {
    const arn = resource.get('NotificationTargetARN');
    yield { resource, service: 'Auto Scaling', purpose: 'messages', property: 'NotificationTargetARN', arn };
  }
  for (const resource of app.ofType('AWS::AutoScaling::AutoScalingGroup')) {
    for (const [index, hook] of list(resource.get('LifecycleHookSpecificationList')).entries()) {
      const property = `LifecycleHookSpecificationList[${index}].NotificationTargetARN`;
      const arn = at(hook, 'NotificationTargetARN');
      yield { resource, service: 'Auto Scaling', purpose: 'messages', property, arn };
    }
  }
}

/** The Region is left open: Lambda is not known to refuse another one here. */
function* fromInvocations(resource: Resource): Iterable<Draft> {
  for (const [outcome, purpose] of [
    ['OnSuccess', 'messages'],
    ['OnFailure', 'dead letters'],
  ] as const) {
    const arn = resource.get('DestinationConfig', outcome, 'Destination');
    const property = `DestinationConfig.${outcome}.Destination`;
    yield { resource, service: 'Lambda', purpose, property, arn, region: undefined };
  }
}

/** A pipe sends as its role. */
function fromPipe(resource: Resource): Draft {
  const parameters = resource.get('TargetParameters', 'SqsQueueParameters');
  return {
    resource,
    service: 'EventBridge Pipes',
    purpose: 'messages',
    property: 'Target',
    arn: resource.get('Target'),
    grouped: at(parameters, 'MessageGroupId') !== undefined,
    deduplicated: at(parameters, 'MessageDeduplicationId') !== undefined,
  };
}

function* fromTopic(app: Deployment, resource: Resource): Iterable<Draft> {
  const shared = { resource, service: 'SNS', region: subscribedIn(app, resource) } as const;
  const sourceFifo = isFifoTopic(app, resource);
  const endpoint = resource.get('Protocol') === 'sqs' ? resource.get('Endpoint') : undefined;
  yield { ...shared, purpose: 'messages', property: 'Endpoint', arn: endpoint, sourceFifo };
  const receiver = queueEnd(app, endpoint, resource.stack);
  yield {
    ...shared,
    purpose: 'dead letters',
    property: 'RedrivePolicy.deadLetterTargetArn',
    arn: resource.get('RedrivePolicy', 'deadLetterTargetArn'),
    // A FIFO topic may have standard queues: only with a FIFO queue is the subscription itself FIFO.
    sourceFifo: sourceFifo === true ? (receiver && isFifo(receiver)) || undefined : sourceFifo,
  };
}

/** The Region of a subscription: its topic's. */
function subscribedIn(app: Deployment, subscription: Resource): string | undefined {
  const region = subscription.get('Region');
  if (region === undefined) return subscription.stack.region;
  const name = app.text(region, subscription.stack);
  return name?.includes('${') === true ? undefined : name;
}

function* fromInlineSubscriptions(resource: Resource): Iterable<Draft> {
  for (const [index, subscription] of list(resource.get('Subscription')).entries()) {
    if (at(subscription, 'Protocol') !== 'sqs') continue;
    yield {
      resource,
      service: 'SNS',
      purpose: 'messages',
      property: `Subscription[${index}].Endpoint`,
      arn: at(subscription, 'Endpoint'),
      sourceFifo: booleanIn(resource.get('FifoTopic') ?? false),
    };
  }
}

function isFifoTopic(app: Deployment, subscription: Resource): boolean | undefined {
  const arn = subscription.get('TopicArn');
  const topic = app.target(arn, subscription.stack)?.resource;
  if (topic?.type === 'AWS::SNS::Topic') return booleanIn(topic.get('FifoTopic') ?? false);
  return app.text(arn, subscription.stack)?.endsWith('.fifo');
}

function* fromBucket(resource: Resource, member: string): Iterable<Draft> {
  const section = 'NotificationConfiguration.QueueConfigurations';
  for (const [index, configuration] of list(resource.get(...section.split('.'))).entries()) {
    yield {
      resource,
      service: 'S3',
      purpose: 'messages',
      property: `${section}[${index}].${member}`,
      arn: at(configuration, member),
      principal: 's3.amazonaws.com',
    };
  }
}

function* fromRule(resource: Resource): Iterable<Draft> {
  const shared = { resource, service: 'EventBridge' } as const;
  const principal = 'events.amazonaws.com';
  for (const [index, target] of list(resource.get('Targets')).entries()) {
    const property = `Targets[${index}]`;
    yield {
      ...shared,
      purpose: 'messages',
      property: `${property}.Arn`,
      arn: at(target, 'Arn'),
      principal: at(target, 'RoleArn') === undefined ? principal : undefined,
      grouped: at(target, 'SqsParameters', 'MessageGroupId') !== undefined,
    };
    const arn = at(target, 'DeadLetterConfig', 'Arn');
    yield { ...shared, purpose: 'dead letters', property: `${property}.DeadLetterConfig.Arn`, arn, principal };
  }
}

/** A schedule sends as its role, to its dead-letter queue too. */
function* fromSchedule(resource: Resource): Iterable<Draft> {
  const shared = { resource, service: 'EventBridge Scheduler' } as const;
  const target = resource.get('Target');
  yield {
    ...shared,
    purpose: 'messages',
    property: 'Target.Arn',
    arn: at(target, 'Arn'),
    grouped: at(target, 'SqsParameters', 'MessageGroupId') !== undefined,
  };
  const arn = at(target, 'DeadLetterConfig', 'Arn');
  yield { ...shared, purpose: 'dead letters', property: 'Target.DeadLetterConfig.Arn', arn };
}
