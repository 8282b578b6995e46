import { Grant } from 'aws-cdk-lib/aws-iam';
import { type IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Annotations, Duration, Names } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { enforce, isOutside, known, knownSeconds, type Rule } from '../rules';
import { type IQueueConsumer, type QueueConsumerConfig } from './queue-consumer';

const DEFAULT_BATCH_SIZE = 10;
const MAX_BATCH_SIZE = 10_000;
/** Larger batches only form while Lambda waits for them. */
const MAX_BATCH_SIZE_WITHOUT_WINDOW = 10;
const MAX_WINDOW = 300;
const MIN_CONCURRENCY = 2;
const MAX_CONCURRENCY = 1_000;
const MAX_FUNCTION_TIMEOUT = 900;
const LAMBDA_DEFAULT_TIMEOUT = Duration.seconds(3);
/** Not ChangeMessageVisibility, which the queue's own grant would add: Lambda never uses it. */
const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
/** AWS's recommendation: room for Lambda's own retries of a throttled batch. */
const VISIBILITY_FACTOR = 6;

/** Properties of a LambdaConsumer. */
export interface LambdaConsumerProps {
  /**
   * The most messages in one invocation, 1 to 10,000; above 10 it needs a `maxBatchingWindow`.
   *
   * @default 10
   */
  readonly batchSize?: number;

  /**
   * For how long Lambda gathers messages before it invokes the function, up to 5 minutes.
   *
   * @default Duration.seconds(0)
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * The most invocations at a time on behalf of this queue, 2 to 1,000. Protects what the function calls; unlike
   * reserved concurrency it makes messages wait in the queue rather than use up their receives.
   *
   * @default - up to 1,250, as the account's concurrency allows
   */
  readonly maxConcurrency?: number;

  /**
   * The function's timeout, 1 second to 15 minutes: for a function that is defined elsewhere, and so keeps it to itself.
   *
   * @default - the timeout of the function in this app
   */
  readonly functionTimeout?: Duration;
}

interface Facts extends LambdaConsumerProps {
  readonly functionPath: string;
}

const RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-LambdaConsumer-BatchSizeOutOfRange',
    broken: ({ batchSize }) => isOutside(known(batchSize), 1, MAX_BATCH_SIZE),
    message: ({ batchSize }) =>
      `batchSize: got ${batchSize}, allowed are whole numbers from 1 to 10,000; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-BatchNeedsWindow',
    broken: ({ batchSize, maxBatchingWindow }) =>
      (known(batchSize) ?? 0) > MAX_BATCH_SIZE_WITHOUT_WINDOW &&
      (maxBatchingWindow === undefined || knownSeconds(maxBatchingWindow) === 0),
    message: ({ batchSize }) =>
      `maxBatchingWindow: got none, allowed with a batchSize of ${batchSize} are 1 second to 5 minutes; Lambda refuses batches above 10 without a window`,
  },
  {
    id: 'Spillway-LambdaConsumer-WindowOutOfRange',
    broken: ({ maxBatchingWindow }) => isOutside(knownSeconds(maxBatchingWindow), 0, MAX_WINDOW),
    message: ({ maxBatchingWindow }) =>
      `maxBatchingWindow: got ${maxBatchingWindow?.toHumanString()}, allowed are whole seconds from 0 to 5 minutes; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-ConcurrencyOutOfRange',
    broken: ({ maxConcurrency }) => isOutside(known(maxConcurrency), MIN_CONCURRENCY, MAX_CONCURRENCY),
    message: ({ maxConcurrency }) =>
      `maxConcurrency: got ${maxConcurrency}, allowed are whole numbers from 2 to 1,000; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-TimeoutUnknown',
    broken: ({ functionTimeout }) => functionTimeout === undefined,
    message: ({ functionPath }) =>
      `functionTimeout: got none, needed for ${functionPath}, which is defined elsewhere; the queue's visibility timeout depends on it, and Lambda refuses a queue whose visibility timeout is shorter`,
  },
  {
    id: 'Spillway-LambdaConsumer-TimeoutOutOfRange',
    broken: ({ functionTimeout }) => isOutside(knownSeconds(functionTimeout), 1, MAX_FUNCTION_TIMEOUT),
    message: ({ functionTimeout }) =>
      `functionTimeout: got ${functionTimeout?.toHumanString()}, allowed are whole seconds from 1 to 15 minutes; no function runs for longer`,
  },
];

/**
 * Has a Lambda function process a queue's messages, batch by batch. The function reports which messages of a batch
 * failed (`ReportBatchItemFailures`; `processBatch` of `cdk-spillway/runtime` does), the others are deleted.
 */
export class LambdaConsumer implements IQueueConsumer {
  /**
   * @param handler the function; it may be an alias or a version
   * @param props how Lambda polls for it
   */
  constructor(
    private readonly handler: IFunction,
    private readonly props: LambdaConsumerProps = {},
  ) {}

  /** Creates the event source mapping below the function, and lets the function's role consume the queue. */
  public bind(scope: Construct, queue: IQueue): QueueConsumerConfig {
    const { batchSize = DEFAULT_BATCH_SIZE, maxBatchingWindow, maxConcurrency } = this.props;
    const functionTimeout = this.props.functionTimeout ?? timeoutOf(this.handler);
    enforce(scope, { ...this.props, functionTimeout, functionPath: this.handler.node.path }, RULES);

    const mapping = this.handler.addEventSourceMapping(`Consumes${Names.nodeUniqueId(queue.node)}`, {
      eventSourceArn: queue.queueArn,
      batchSize,
      maxBatchingWindow,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    if (this.handler.role === undefined) {
      Annotations.of(scope).addWarningV2(
        'Spillway-LambdaConsumer-RoleUnknown',
        `${this.handler.node.path} is defined elsewhere: its role must already allow ${CONSUME.join(', ')} on this queue, and kms:Decrypt on its key`,
      );
    } else {
      const grant = Grant.addToPrincipal({
        grantee: this.handler,
        actions: CONSUME,
        resourceArns: [queue.queueArn],
      });
      grant.applyBefore(mapping); // Lambda tries the permissions when the mapping is created
      queue.encryptionMasterKey?.grantDecrypt(this.handler);
    }
    const timeout = functionTimeout?.toSeconds() ?? 0;
    const window = maxBatchingWindow?.toSeconds() ?? 0;
    return {
      visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * timeout + window),
      minimumVisibilityTimeout: Duration.seconds(timeout + window),
      reason: `Lambda refuses a queue whose visibility timeout is shorter than the function's timeout (${timeout} seconds), and messages that wait for a batch (up to ${window} seconds) use it up as well`,
    };
  }
}

/** Undefined for a function that is defined elsewhere. */
function timeoutOf(handler: IFunction): Duration | undefined {
  const { lambda = handler } = handler as IFunction & { readonly lambda?: IFunction }; // of an alias or a version
  // Only a function of this app has the member at all.
  return 'timeout' in lambda ? ((lambda.timeout as Duration | undefined) ?? LAMBDA_DEFAULT_TIMEOUT) : undefined;
}
