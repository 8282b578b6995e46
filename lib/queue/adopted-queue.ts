import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type Duration, type RemovalPolicy } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { checkProps, checkValue, enforce, QUEUE, required, type Rule } from '../rules';
import { TEXTS } from '../rules/texts';
import { DerivedVisibility } from './derived-visibility';
import { MessageQueue } from './message-queue';
import { MessageQueueGrants } from './message-queue-grants';
import { factsOf, type QueueFacts } from './queue-facts';
import { ADOPTED_QUEUE } from './queue-types';

/** What can't be told of a queue that was made elsewhere. */
export interface AdoptedQueueProps {
  /**
   * Where its failed messages go.
   *
   * @default - unknown: redrive and the use of dead letters can't be granted
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Its visibility timeout, to check consumers against.
   *
   * @default - that of the queue when it is defined in this app; unknown of others, and nothing is checked
   */
  readonly visibilityTimeout?: Duration;

  /**
   * What becomes of what is created for it, such as a queue for what could not be delivered, when that leaves the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

interface AdoptionFacts extends QueueFacts {
  readonly wanted: boolean;
  readonly path: string;
}

const ADOPTION_RULES: readonly Rule<AdoptionFacts>[] = [
  {
    id: 'Spillway-Queue-KindMismatch',
    broken: ({ fifo, wanted }) => fifo === !wanted,
    message: ({ fifo, path }) =>
      `queue must be a ${fifo === true ? 'standard' : 'FIFO'} queue, but was the ${fifo === true ? 'FIFO' : 'standard'} queue ${path}; adopt it with ${fifo === true ? 'FifoQueue' : 'StandardQueue'}.fromQueue`,
  },
  {
    id: 'Spillway-Queue-GroupThroughputNeedsGroupScope',
    broken: ({ mismatchedThroughput }) => mismatchedThroughput === true,
    message: ({ path }) =>
      `deduplicationScope of queue (${path}) ${TEXTS['Spillway-Queue-GroupThroughputNeedsGroupScope']({ got: 'queue' })}`,
  },
];

/** A queue that someone else made. */
export class AdoptedQueue extends MessageQueue {
  /**
   *
   */
  public readonly queue: IQueue;
  /**
   *
   */
  public readonly encryptionKey?: IKey;
  /**
   *
   */
  public readonly grants: MessageQueueGrants;
  /**
   *
   */
  public readonly _visibility: DerivedVisibility;
  /**
   *
   */
  public readonly _removalPolicy: RemovalPolicy | undefined;

  constructor(scope: Construct, id: string, queue: IQueue, fifo: boolean, props: AdoptedQueueProps) {
    super(scope, id);
    checkValue(this, 'queue', queue, required(QUEUE));
    checkProps(this, `${fifo ? 'FifoQueue' : 'StandardQueue'}.fromQueue`, props, ADOPTED_QUEUE);
    const facts = factsOf(queue);
    enforce(this, { ...facts, wanted: fifo, path: queue.node.path }, ADOPTION_RULES);
    this.queue = queue;
    this.encryptionKey = queue.encryptionMasterKey;
    this.grants = MessageQueueGrants.fromQueue(queue, props.deadLetterQueue);
    this._visibility = new DerivedVisibility(props.visibilityTimeout ?? facts.visibility, facts.retention, false);
    this._removalPolicy = props.removalPolicy;
  }
}
