import {
  type CfnSubscription,
  type CfnTopic,
  type FilterOrPolicy,
  type ITopic,
  Subscription,
  type SubscriptionFilter,
  SubscriptionProtocol,
} from 'aws-cdk-lib/aws-sns';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Names, Stack, Token } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { DeliveringService } from '../queue/delivering-service';
import { type MessageQueue } from '../queue/message-queue';
import { factsOf } from '../queue/queue-facts';
import { differs } from '../queue/queue-rules';
import {
  checkProps,
  checkValue,
  enforce,
  FLAG,
  like,
  map,
  QUEUE,
  required,
  type Rule,
  type Shape,
  TOPIC,
  warn,
} from '../rules';
import { TEXTS } from '../rules/texts';
import { acrossStacks, admit, type DeliverySource, dependsOn, knownArn } from './delivery';
import { type IQueueProducer } from '../queue/queue-producer';

const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

/** Properties of a TopicProducer: how a queue is subscribed. */
export interface TopicProducerProps {
  /**
   * Which messages the queue gets, by their attributes; at most 5 of them, and 150 combinations of their values.
   *
   * @default - all messages
   */
  readonly filterPolicy?: { [attribute: string]: SubscriptionFilter };

  /**
   * Which messages the queue gets, by their bodies, which must be JSON objects; at most 5 keys, and 150 combinations of
   * their values, each times the depth of its key.
   *
   * @default - all messages
   */
  readonly filterPolicyWithMessageBody?: { [key: string]: FilterOrPolicy };

  /**
   * Whether the queue gets the message as it was published, rather than within a JSON object that tells of the topic.
   * Attributes become those of the queue's message; with more than 10 of them it is not delivered.
   *
   * @default false
   */
  readonly rawMessageDelivery?: boolean;

  /**
   * Where messages go that SNS could not deliver: of the topic's kind, account and Region. SNS retries for 23 days, but
   * not when the queue is gone or a policy denies.
   *
   * @default - the queue's `undeliveredQueue`, or `undeliveredFifoQueue` with a FIFO topic
   */
  readonly deadLetterQueue?: IQueue;
}

const PROPS: Shape<TopicProducerProps> = {
  filterPolicy: map(
    like("a SubscriptionFilter, such as SubscriptionFilter.stringFilter({ allowlist: ['paid'] })", 'conditions'),
  ),
  filterPolicyWithMessageBody: map(
    like('a FilterOrPolicy, such as FilterOrPolicy.filter(SubscriptionFilter.existsFilter())', 'isFilter', 'isPolicy'),
  ),
  rawMessageDelivery: FLAG,
  deadLetterQueue: QUEUE,
};

interface Facts extends TopicProducerProps {
  readonly topic: ITopic;
  readonly queue: IQueue;
}

const RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-Delivery-TopicKindMismatch',
    broken: ({ topic, queue }) => !isFifo(topic) && factsOf(queue).fifo === true,
    message: ({ queue }) => `queue ${TEXTS['Spillway-Delivery-TopicKindMismatch']({ queue: queue.node.path })}`,
  },
  {
    id: 'Spillway-TopicProducer-TwoFilterScopes',
    broken: ({ filterPolicy, filterPolicyWithMessageBody }) =>
      filterPolicy !== undefined && filterPolicyWithMessageBody !== undefined,
    message: () =>
      'filterPolicy and filterPolicyWithMessageBody must not both be given; a subscription filters by attributes or by body',
  },
  {
    id: 'Spillway-TopicProducer-TooManyFilterKeys',
    broken: (facts) => filterSize(facts).keys > MAX_KEYS,
    message: (facts) =>
      `${filterName(facts)} must have at most ${MAX_KEYS} keys, but had ${filterSize(facts).keys}; SNS refuses the subscription`,
  },
  {
    id: 'Spillway-TopicProducer-FilterTooComplex',
    broken: (facts) => filterSize(facts).combinations > MAX_COMBINATIONS,
    message: (facts) =>
      `${filterName(facts)} must have at most ${MAX_COMBINATIONS} combinations of values, but had ${filterSize(facts).combinations}; SNS refuses the subscription`,
  },
  {
    id: 'Spillway-Delivery-DeadLetterKindMismatch',
    // Which kind a standard queue's subscription to a FIFO topic needs, AWS doesn't say.
    broken: ({ topic, queue, deadLetterQueue }) =>
      deadLetterQueue !== undefined &&
      factsOf(deadLetterQueue).fifo === !isFifo(topic) &&
      (!isFifo(topic) || factsOf(queue).fifo === true),
    message: ({ topic, deadLetterQueue }) =>
      `deadLetterQueue ${TEXTS['Spillway-Delivery-DeadLetterKindMismatch']({ queue: deadLetterQueue?.node.path, fifo: isFifo(topic) })}`,
  },
  {
    id: 'Spillway-Delivery-DeadLetterQueueElsewhere',
    broken: ({ topic, queue, deadLetterQueue = queue }) =>
      differs(deadLetterQueue.env.region, topic.env.region) || differs(deadLetterQueue.env.account, topic.env.account),
    message: ({ topic, queue, deadLetterQueue = queue }) =>
      `deadLetterQueue must be of the topic's account and Region (${topic.env.account}, ${topic.env.region}), but was of ${deadLetterQueue.env.account}, ${deadLetterQueue.env.region}; SNS refuses others. Pass in a DeadLetterQueue of a stack there`,
  },
];

const SUBSCRIBED_RULES: readonly Rule<Pick<Facts, 'topic' | 'queue'> & { readonly subscribed: boolean }>[] = [
  {
    id: 'Spillway-TopicProducer-AlreadySubscribed',
    broken: ({ subscribed }) => subscribed,
    message: ({ topic, queue }) =>
      `topic must have one TopicProducer for each queue, but ${queue.node.path} is subscribed to ${topic.node.path} already; SNS keeps one subscription of the two: put all conditions into one filter`,
  },
];

const CAUTIONS: readonly Rule<Pick<Facts, 'topic' | 'queue'>>[] = [
  {
    id: 'Spillway-TopicProducer-RegionUnknown',
    broken: ({ topic, queue }) => {
      const stack = Stack.of(queue);
      const [from, to] = [topic.env.region, queue.env.region];
      const unknown = Token.isUnresolved(from) || Token.isUnresolved(to);
      return unknown && JSON.stringify(stack.resolve(from)) !== JSON.stringify(stack.resolve(to));
    },
    message: ({ topic, queue }) =>
      `topic and queue should be in known Regions, but that of ${topic.node.path} or of ${queue.node.path} is known only at deployment; the policies admit sns.amazonaws.com, with which SNS delivers unless the Regions differ and one of them is opt-in`,
  },
];

/**
 * An SNS topic sends to a queue: a subscription, with a queue for what could not be delivered. The policies of both
 * queues admit this topic only.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
 * @example
 * jobs.addProducer(new TopicProducer(orders, { rawMessageDelivery: true }));
 */
export class TopicProducer implements IQueueProducer {
  /**
   * @param topic the topic, of this app or imported
   * @param props how the queue is subscribed
   */
  constructor(
    private readonly topic: ITopic,
    private readonly props: TopicProducerProps = {},
  ) {}

  /**
   * Subscribes the queue. The subscription belongs to the queue's stack, unless the topic's stack depends on that one
   * already, by being encrypted with a key from there.
   */
  public bind(target: MessageQueue): void {
    const { topic, props } = this;
    const { queue } = target;
    checkValue(target, 'topic', topic, required(TOPIC));
    checkProps(target, 'TopicProducer', props, PROPS);
    enforce(target, { ...props, topic, queue }, RULES);
    warn(target, { topic, queue }, CAUTIONS);

    const withTopic = acrossStacks(queue, topic) && needs(topic, queue);
    const home = withTopic ? (topic as unknown as Construct) : target;
    const id = `Subscription${Names.nodeUniqueId((withTopic ? target : topic).node)}`;
    enforce(target, { topic, queue, subscribed: home.node.tryFindChild(id) !== undefined }, SUBSCRIBED_RULES);
    const mayReferFrom = (other: IQueue) => !withTopic || Stack.of(other) === Stack.of(topic);
    const deadLetterQueue = props.deadLetterQueue ?? target._undelivered(isFifo(topic));
    const policy = admit(target, this.source(), { queue, mayRefer: mayReferFrom(queue) });
    admit(target, this.source(), {
      queue: deadLetterQueue,
      mayRefer: mayReferFrom(deadLetterQueue),
    });

    const subscription = new Subscription(home, id, {
      topic,
      protocol: SubscriptionProtocol.SQS,
      endpoint: queue.queueArn,
      region: differs(topic.env.region, Stack.of(home).region) ? topic.env.region : undefined,
      filterPolicy: props.filterPolicy,
      filterPolicyWithMessageBody: props.filterPolicyWithMessageBody,
      rawMessageDelivery: props.rawMessageDelivery,
    });
    // The L2's own way of saying this would have the queue's policy refer to the topic in any case.
    (subscription.node.defaultChild as CfnSubscription).redrivePolicy = {
      deadLetterTargetArn: deadLetterQueue.queueArn,
    };
    if (policy !== undefined) subscription.node.addDependency(policy);
  }

  private source(): DeliverySource {
    const { topic: resource } = this;
    const { topicName } = (resource.node.defaultChild as Partial<CfnTopic> | undefined) ?? {};
    return {
      resource,
      service: DeliveringService.SNS,
      arn: resource.topicArn,
      knownArn: Token.isUnresolved(resource.topicArn)
        ? knownArn({ resource, service: 'sns' }, topicName)
        : resource.topicArn,
    };
  }
}

/** Whether the topic's stack is deployed after the queue's. */
function needs(topic: ITopic, queue: IQueue): boolean {
  return dependsOn(topic, queue) || (topic.masterKey !== undefined && Stack.of(topic.masterKey) === Stack.of(queue));
}

/** An imported topic's kind is in its name. */
function isFifo(topic: ITopic): boolean {
  return topic.fifo || topic.topicName.endsWith('.fifo');
}

function filterName({ filterPolicy }: TopicProducerProps): string {
  return filterPolicy === undefined ? 'filterPolicyWithMessageBody' : 'filterPolicy';
}

/** As SNS counts: leaves, and the product of their numbers of values, each times the depth of its key. */
function filterSize(props: TopicProducerProps): { keys: number; combinations: number } {
  const leaves = [
    ...Object.values(props.filterPolicy ?? {}).map(({ conditions }) => conditions.length),
    ...bodyLeaves(props.filterPolicyWithMessageBody ?? {}, 1),
  ];
  return { keys: leaves.length, combinations: leaves.reduce((product, values) => product * values, 1) };
}

function bodyLeaves(policy: { [key: string]: FilterOrPolicy }, depth: number): number[] {
  return Object.values(policy).flatMap((entry) => {
    if (entry.isPolicy()) return bodyLeaves(entry.policyDoc, depth + 1);
    return entry.isFilter() ? [entry.filterDoc.conditions.length * depth] : [];
  });
}
