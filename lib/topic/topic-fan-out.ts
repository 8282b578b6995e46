import { type IKey } from 'aws-cdk-lib/aws-kms';
import { FifoThroughputScope, type ITopic, Topic, TopicGrants } from 'aws-cdk-lib/aws-sns';
import { type RemovalPolicy, Token } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { TopicProducer, type TopicProducerProps } from '../producer/topic-producer';
import { type MessageQueue } from '../queue/message-queue';
import { QueueKey } from '../queue/queue-key';
import {
  checkProps,
  checkValue,
  computed,
  enforce,
  FLAG,
  KEY,
  like,
  list,
  REMOVAL_POLICY,
  required,
  type Rule,
  type Shape,
  TEXT,
  TOPIC,
} from '../rules';

const MAX_FIFO_SUBSCRIPTIONS = 100;

/** A queue that gets the messages of a topic, and how. */
export interface TopicSubscriber extends TopicProducerProps {
  /** The queue. */
  readonly queue: MessageQueue;
}

/** Properties of a TopicFanOut. */
export interface TopicFanOutProps {
  /**
   * A topic that exists already; then only `subscribers` may be given besides.
   *
   * @default - a topic is created: encrypted, TLS only
   */
  readonly topic?: ITopic;

  /**
   * The topic's name: up to 256 letters, digits, `-` and `_`, of a FIFO topic ending in `.fifo`.
   *
   * @default - a name that CloudFormation makes
   */
  readonly topicName?: string;

  /**
   * What people see as the sender.
   *
   * @default - none
   */
  readonly displayName?: string;

  /**
   * Whether messages of a message group arrive in order and once. FIFO queues can be subscribed to a FIFO topic only;
   * standard queues to either.
   *
   * @default false
   */
  readonly fifo?: boolean;

  /**
   * Whether messages without a deduplication id get the SHA-256 of their body as such; only of a FIFO topic.
   *
   * @default false
   */
  readonly contentBasedDeduplication?: boolean;

  /**
   * Thousands of messages a second rather than 3,000 for the whole topic: limits and deduplication apply to each message
   * group; only of a FIFO topic.
   *
   * @default false
   */
  readonly highThroughput?: boolean;

  /**
   * The key that encrypts what SNS stores; queues may share it. Principals who publish need to use it: `grants.publish`
   * includes that. Services that publish must be let through: `QueueKey.allowDeliveries`.
   *
   * @default - a QueueKey is created
   */
  readonly encryptionKey?: IKey;

  /**
   * The queues that get the messages, each a copy; more can be added with `addQueue`.
   *
   * @default - none
   */
  readonly subscribers?: TopicSubscriber[];

  /**
   * What becomes of the key created for the topic when it leaves the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const PROPS: Shape<TopicFanOutProps> = {
  topic: TOPIC,
  topicName: TEXT,
  displayName: TEXT,
  fifo: computed(FLAG),
  contentBasedDeduplication: computed(FLAG),
  highThroughput: computed(FLAG),
  encryptionKey: KEY,
  // The rest is checked as that of a TopicProducer.
  subscribers: list(like('an object with the StandardQueue or FifoQueue as queue', 'queue')),
  removalPolicy: REMOVAL_POLICY,
};
const MESSAGE_QUEUE = like('a queue of this library, such as a StandardQueue', 'addProducer');

const RULES: readonly Rule<TopicFanOutProps>[] = [
  {
    id: 'Spillway-TopicFanOut-TopicAndItsProps',
    broken: (props) => props.topic !== undefined && ownProps(props).length > 0,
    message: (props) =>
      `topic must be given without other topic properties, but was ${props.topic?.node.path} with ${ownProps(props).join(', ')}; properties of an existing topic would be ignored`,
  },
  {
    id: 'Spillway-TopicFanOut-NameInvalid',
    broken: ({ topicName: name, fifo = false }) =>
      name !== undefined &&
      !Token.isUnresolved(name) &&
      !(fifo ? /^[A-Za-z0-9_-]{1,251}\.fifo$/ : /^[A-Za-z0-9_-]{1,256}$/).test(name),
    message: ({ topicName, fifo }) =>
      `topicName must be 1 to 256 letters, digits, '-' and '_'${fifo === true ? " that end in '.fifo'" : ''}, but was '${topicName}'; SNS rejects other names`,
  },
  {
    id: 'Spillway-TopicFanOut-FifoPropsOfStandardTopic',
    broken: ({ fifo = false, contentBasedDeduplication, highThroughput }) =>
      !fifo && (contentBasedDeduplication === true || highThroughput === true),
    message: ({ contentBasedDeduplication, highThroughput }) =>
      `contentBasedDeduplication, highThroughput must be omitted without fifo, but were ${contentBasedDeduplication} and ${highThroughput}; SNS rejects them for standard topics`,
  },
];

const COUNT_RULES: readonly Rule<{ readonly fifo: boolean; readonly count: number }>[] = [
  {
    id: 'Spillway-TopicFanOut-TooManySubscriptions',
    broken: ({ fifo, count }) => fifo && count > MAX_FIFO_SUBSCRIPTIONS,
    message: ({ count }) =>
      `subscribers must have at most ${MAX_FIFO_SUBSCRIPTIONS} queues for a FIFO topic, but had ${count}; SNS rejects more`,
  },
];

/**
 * A topic that gives each of its queues a copy of each message: publish and subscribe, durably. What SNS can't deliver
 * to a queue is kept in that queue's `undeliveredQueue`, which SNS can write to, whatever it is encrypted with.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html
 * @example
 * const orders = new TopicFanOut(this, 'Orders');
 * orders.addQueue(billing);
 * orders.addQueue(shipping, { filterPolicy: { kind: SubscriptionFilter.stringFilter({ allowlist: ['goods'] }) } });
 */
export class TopicFanOut extends Construct {
  /** The topic itself: the one that was passed in, or the one that was created. */
  public readonly topic: ITopic;

  /** The key that encrypts what the topic stores, if one of the account does. */
  public readonly encryptionKey?: IKey;

  /** Grants to publish and subscribe, with the permission to use the key that it needs. */
  public readonly grants: TopicGrants;

  private count = 0;

  constructor(scope: Construct, id: string, props: TopicFanOutProps = {}) {
    super(scope, id);
    checkProps(this, 'TopicFanOut', props, PROPS);
    enforce(this, props, RULES);
    this.topic = props.topic ?? this.createTopic(props);
    this.encryptionKey = this.topic.masterKey;
    this.grants = TopicGrants.fromTopic(this.topic);
    for (const { queue, ...options } of props.subscribers ?? []) this.addQueue(queue, options);
  }

  /** Subscribes a queue, of this stack or another. */
  public addQueue(queue: MessageQueue, options: TopicProducerProps = {}): void {
    checkValue(this, 'queue', queue, required(MESSAGE_QUEUE));
    this.count += 1;
    enforce(this, { fifo: this.topic.fifo, count: this.count }, COUNT_RULES);
    queue.addProducer(new TopicProducer(this.topic, options));
  }

  private createTopic(props: TopicFanOutProps): Topic {
    const { topicName, displayName, fifo = false, highThroughput = false } = props;
    return new Topic(this, 'Topic', {
      topicName,
      displayName,
      fifo: fifo || undefined,
      contentBasedDeduplication: props.contentBasedDeduplication,
      fifoThroughputScope: highThroughput ? FifoThroughputScope.MESSAGE_GROUP : undefined,
      enforceSSL: true,
      masterKey:
        props.encryptionKey ??
        new QueueKey(this, 'Key', {
          description: `Encrypts the messages of ${this.node.path}`,
          removalPolicy: props.removalPolicy,
        }),
    });
  }
}

function ownProps({ topic: _, subscribers: __, ...own }: TopicFanOutProps): string[] {
  return Object.entries(own)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
}
