import { DeduplicationScope } from 'aws-cdk-lib/aws-sqs';
import {
  computed,
  duration,
  FLAG,
  KEY,
  like,
  list,
  NUMBER,
  OBJECT,
  oneOf,
  type PropType,
  QUEUE,
  REMOVAL_POLICY,
  required,
  type Shape,
  SIZE,
  TEXT,
  VPC,
} from '../rules';
import { type AdoptedQueueProps } from './adopted-queue';
import { type DeadLetterQueueProps } from './dead-letter-queue';
import { type FifoQueueProps } from './fifo-queue-props';
import { type MessageQueueProps } from './message-queue-props';
import { type QueueEncryption } from './queue-encryption';
import { type QueueKeyProps } from './queue-key';
import { type QueueVpcEndpointProps } from './queue-vpc-endpoint';
import { type StandardQueueProps } from './standard-queue-props';

const ENCRYPTION: PropType = {
  ...like('a QueueEncryption, such as QueueEncryption.customerManaged(key)', '_type', '_keyFor'),
  parts: (value) => [{ suffix: '.key', value: (value as QueueEncryption)._key, type: KEY }],
};
const bindable = (wanted: string): PropType => {
  const { fits } = like(wanted, 'bind');
  return { wanted, fits: (value) => fits(value) && typeof (value as { readonly bind: unknown }).bind === 'function' };
};
/** What processes messages. */
export const CONSUMER = bindable('a consumer, such as new LambdaConsumer(handler)');
/** What sends messages. */
export const PRODUCER = bindable('a producer, such as new TopicProducer(topic)');

const COMMON: Shape<MessageQueueProps> = {
  encryption: ENCRYPTION,
  dataKeyReuse: duration('Duration.minutes(5)'),
  deadLetterQueue: QUEUE,
  maxReceiveCount: NUMBER,
  deliveryDelay: duration(),
  retentionPeriod: duration('Duration.days(4)'),
  visibilityTimeout: duration(),
  receiveMessageWaitTime: duration('Duration.seconds(20)'),
  maxMessageSize: SIZE,
  consumers: list(CONSUMER),
  producers: list(PRODUCER),
  removalPolicy: REMOVAL_POLICY,
};

/** Of a StandardQueue. */
export const STANDARD_QUEUE: Shape<StandardQueueProps> = { queueName: TEXT, ...COMMON };

/** Of a FifoQueue. Whether it has high throughput decides what else is set. */
export const FIFO_QUEUE: Shape<FifoQueueProps> = {
  queueName: TEXT,
  contentBasedDeduplication: FLAG,
  highThroughput: computed(FLAG),
  deduplicationScope: oneOf('DeduplicationScope', DeduplicationScope),
  ...COMMON,
};

/** Of a DeadLetterQueue. */
export const DEAD_LETTER_QUEUE: Shape<DeadLetterQueueProps> = {
  queueName: TEXT,
  fifo: computed(FLAG),
  encryption: ENCRYPTION,
  retentionPeriod: duration('Duration.days(14)'),
  openToAllSources: computed(FLAG),
  removalPolicy: REMOVAL_POLICY,
};

/** Of a queue that exists already. */
export const ADOPTED_QUEUE: Shape<AdoptedQueueProps> = {
  deadLetterQueue: QUEUE,
  visibilityTimeout: duration(),
  removalPolicy: REMOVAL_POLICY,
};

/** Of a QueueKey. */
export const QUEUE_KEY: Shape<QueueKeyProps> = {
  description: TEXT,
  alias: TEXT,
  deliveringServices: list(like('a DeliveringService, such as DeliveringService.SNS', '_keyStatement')),
  removalPolicy: REMOVAL_POLICY,
};

/** Of a QueueVpcEndpoint. */
export const QUEUE_VPC_ENDPOINT: Shape<QueueVpcEndpointProps> = {
  vpc: required(VPC),
  subnets: OBJECT,
  queues: required(list(QUEUE)),
  clients: list(like('something with connections (IConnectable)', 'connections')),
};
