import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue, Queue, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { enforce } from '../rules';
import { DeadLetterQueue } from './dead-letter-queue';
import { DerivedVisibility } from './derived-visibility';
import { type MessageQueue } from './message-queue';
import { type MessageQueueProps } from './message-queue-props';
import { QueueEncryption } from './queue-encryption';
import { QUEUE_RULES, type QueueRuleFacts } from './queue-rules';

const DEFAULT_MAX_RECEIVE_COUNT = 5;
const DEFAULT_RETENTION = Duration.days(4);
const MAX_NAME = 80;
const FIFO_SUFFIX = '.fifo';

/** A queue, where its failed messages go, and the key of both. */
export interface CreatedQueues {
  /** The queue. */
  readonly queue: IQueue;
  /** The given one, or the one that was made. */
  readonly deadLetterQueue: IQueue;
  /** The given one, or the one that was made; none with keys of AWS. */
  readonly encryptionKey?: IKey;
  /** The queue's visibility timeout, for consumers to add to. */
  readonly visibility: DerivedVisibility;
  /** Of all of them. */
  readonly removalPolicy: RemovalPolicy;
}

/** What the kinds of queues differ in. */
export type QueueKind = Pick<
  QueueProps,
  'queueName' | 'contentBasedDeduplication' | 'deduplicationScope' | 'fifoThroughputLimit'
> & { readonly fifo: boolean } & Pick<QueueRuleFacts, 'highThroughput'>;

/** Makes a queue, its dead-letter queue and its key below a construct. */
export function createQueues(owner: MessageQueue, props: MessageQueueProps, kind: QueueKind): CreatedQueues {
  const { fifo, highThroughput, ...kindProps } = kind;
  const { retentionPeriod = DEFAULT_RETENTION, removalPolicy = RemovalPolicy.DESTROY } = props;
  const { deduplicationScope, queueName } = kindProps;
  const given = { ...props, queueName, retentionPeriod, fifo, highThroughput, deduplicationScope };
  enforce(owner, { ...given, stack: Stack.of(owner) }, QUEUE_RULES);

  const encryption = props.encryption ?? QueueEncryption.sqsManaged();
  const encryptionKey = encryption._keyFor(owner, 'Key', removalPolicy);
  const shared = encryptionKey === undefined ? encryption : QueueEncryption.customerManaged(encryptionKey);
  const deadLetterQueue =
    props.deadLetterQueue ?? new DeadLetterQueue(owner, 'DeadLetterQueue', { fifo, encryption: shared, removalPolicy });
  const visibility = new DerivedVisibility(props.visibilityTimeout, retentionPeriod, true);
  const queue = new Queue(owner, 'Queue', {
    ...kindProps,
    queueName: nameFor(owner, deadLetterQueue, kind),
    fifo: fifo || undefined,
    encryption: encryption._type,
    encryptionMasterKey: encryptionKey,
    dataKeyReuse: props.dataKeyReuse,
    enforceSSL: true,
    removalPolicy,
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: props.maxReceiveCount ?? DEFAULT_MAX_RECEIVE_COUNT },
    deliveryDelay: props.deliveryDelay,
    retentionPeriod,
    visibilityTimeout: visibility.timeout,
    receiveMessageWaitTime: props.receiveMessageWaitTime ?? Duration.seconds(20),
    maxMessageSizeBytes: props.maxMessageSize?.toBytes(),
  });
  return { queue, deadLetterQueue, encryptionKey, visibility, removalPolicy };
}

/** A dead-letter queue that admits its sources by name must know the name before the queue exists. */
function nameFor(owner: MessageQueue, deadLetterQueue: IQueue, { queueName, fifo }: QueueKind): string | undefined {
  if (!DeadLetterQueue.isDeadLetterQueue(deadLetterQueue)) return queueName;
  const name = queueName ?? uniqueName(owner, fifo);
  deadLetterQueue._admit({ scope: owner, queueName: name });
  return name;
}

/** Unique in account and Region as the stack's name is; the name changes, as the queue does, when its path does. */
function uniqueName(owner: MessageQueue, fifo: boolean): string {
  const suffix = fifo ? FIFO_SUFFIX : '';
  return `${Names.uniqueResourceName(owner, { maxLength: MAX_NAME - suffix.length, separator: '-' })}${suffix}`;
}
