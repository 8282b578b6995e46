import { type CfnQueue, Queue, type QueueProps, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { type Construct, type IConstruct } from 'constructs';
import { checkProps, enforce, type Rule } from '../rules';
import { QueueEncryption } from './queue-encryption';
import { QUEUE_RULES } from './queue-rules';
import { DEAD_LETTER_QUEUE } from './queue-types';

const RETENTION = Duration.days(14);
const MAX_SOURCES = 10;
const MARK = Symbol.for('cdk-spillway.DeadLetterQueue');

/** Properties of a DeadLetterQueue. */
export interface DeadLetterQueueProps {
  /**
   * The queue's name: up to 80 letters, digits, `-` and `_`, of a FIFO queue ending in `.fifo`.
   *
   * @default - a name that CloudFormation makes
   */
  readonly queueName?: string;

  /**
   * Whether it takes the messages of FIFO queues and subscriptions to FIFO topics, rather than of standard ones.
   *
   * @default false
   */
  readonly fifo?: boolean;

  /**
   * How the messages are encrypted that services send to it. Those that come from queues stay encrypted as they were.
   *
   * @default QueueEncryption.sqsManaged()
   */
  readonly encryption?: QueueEncryption;

  /**
   * For how long it keeps messages, 1 minute to 14 days; of standard queues, counted from when they were first sent. So
   * it must not be shorter than that of a standard queue whose messages it takes.
   *
   * @default Duration.days(14)
   */
  readonly retentionPeriod?: Duration;

  /**
   * Whether any queue of the account may use it, also one that is not in this app, or more than 10 queues.
   *
   * @default false
   */
  readonly openToAllSources?: boolean;

  /**
   * What becomes of the queue when it leaves the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** A queue whose failed messages come here. */
export interface DeadLetterSource {
  /** The queue's construct. */
  readonly scope: IConstruct;
  /** Its name: not a reference to it. */
  readonly queueName: string;
}

interface SourceFacts {
  readonly sources: readonly DeadLetterSource[];
  readonly dlq: IConstruct;
}

const SOURCE_RULES: readonly Rule<SourceFacts>[] = [
  {
    id: 'Spillway-DeadLetterQueue-TooManySources',
    broken: ({ sources }) => sources.length > MAX_SOURCES,
    message: ({ sources, dlq }) =>
      `deadLetterQueue must be shared by at most ${MAX_SOURCES} queues, but ${dlq.node.path} is by ${sources.length}; SQS admits no more by name. Give it openToAllSources, or some of the queues another one`,
  },
];

/**
 * Keeps messages that failed, for several queues of one kind, and for subscriptions, rules and schedules that could not
 * deliver.
 *
 * It admits exactly the queues that name it in this app (`RedriveAllowPolicy: byQueue`). CloudFormation can't create two
 * queues that refer to each other, so only the source refers to this queue; this queue knows its sources by ARNs that
 * are put together from their names. SQS takes ARNs of queues that don't exist yet.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 * @example
 * const failed = new DeadLetterQueue(this, 'Failed');
 * new StandardQueue(this, 'Orders', { deadLetterQueue: failed });
 * new StandardQueue(this, 'Returns', { deadLetterQueue: failed });
 */
export class DeadLetterQueue extends Queue {
  /** Whether a construct is a DeadLetterQueue. */
  public static isDeadLetterQueue(construct: IConstruct): construct is DeadLetterQueue {
    return MARK in construct;
  }

  private readonly openToAllSources: boolean;
  private readonly sources: DeadLetterSource[] = [];

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps = {}) {
    super(scope, id, queueProps(scope, id, props));
    Object.defineProperty(this, MARK, { value: true });
    this.openToAllSources = props.openToAllSources ?? false;
    (this.node.defaultChild as CfnQueue).redriveAllowPolicy = Lazy.any({ produce: () => this.redriveAllowPolicy() });
  }

  /**
   * Lets a queue move its failed messages here.
   *
   * @internal
   */
  public _admit(source: DeadLetterSource): void {
    if (this.openToAllSources) return;
    this.sources.push(source);
    enforce(source.scope, { sources: this.sources, dlq: this }, SOURCE_RULES);
  }

  private redriveAllowPolicy(): unknown {
    if (this.sources.length === 0) return undefined;
    return {
      redrivePermission: RedrivePermission.BY_QUEUE,
      sourceQueueArns: this.sources.map(({ scope, queueName }) =>
        Stack.of(scope).formatArn({ service: 'sqs', resource: queueName }),
      ),
    };
  }
}

function queueProps(scope: Construct, id: string, props: DeadLetterQueueProps): QueueProps {
  checkProps(scope, 'DeadLetterQueue', props, DEAD_LETTER_QUEUE);
  const { queueName, fifo = false, encryption = QueueEncryption.sqsManaged(), retentionPeriod = RETENTION } = props;
  const { removalPolicy = RemovalPolicy.DESTROY } = props;
  enforce(scope, { queueName, fifo, encryption, retentionPeriod, stack: Stack.of(scope) }, QUEUE_RULES);
  return {
    queueName,
    fifo: fifo || undefined,
    encryption: encryption._type,
    encryptionMasterKey: encryption._keyFor(scope, `${id}Key`, removalPolicy),
    enforceSSL: true,
    retentionPeriod,
    removalPolicy,
  };
}
