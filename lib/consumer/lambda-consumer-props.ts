import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type Duration } from 'aws-cdk-lib/core';
import { type MessageFilter } from './message-filter';

/** How many pollers Lambda keeps for a queue; each handles up to 10 invocations at a time and 1 MB a second. */
export interface ProvisionedPollers {
  /**
   * The fewest, which are there at once when messages come, and are paid by the hour: 2 to 200.
   *
   * @default 2
   */
  readonly minimum?: number;

  /**
   * The most, 2 to 2,000 and not below the minimum.
   *
   * @default 200
   */
  readonly maximum?: number;
}

/** Properties of a LambdaConsumer. */
export interface LambdaConsumerProps {
  /**
   * The most messages in one invocation, 1 to 10,000; above 10 it needs a `maxBatchingWindow`. Of a FIFO queue 1 to 10.
   *
   * @default 10
   */
  readonly batchSize?: number;

  /**
   * For how long Lambda gathers messages before it invokes the function, up to 5 minutes. Not for FIFO queues.
   *
   * @default Duration.seconds(0)
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * The most invocations at a time on behalf of this queue, 2 to 1,000, and at most the function's reserved
   * concurrency. Protects what the function calls; unlike reserved concurrency it makes messages wait in the queue
   * rather than use up their receives. Not beside `provisionedPollers`.
   *
   * @default - up to 1,250, as the account's concurrency allows
   */
  readonly maxConcurrency?: number;

  /**
   * Pollers that are kept ready, for bursts: three times the usual rate of growth and no ceiling of 1,250 invocations.
   *
   * @default - Lambda's shared pollers, which cost nothing
   */
  readonly provisionedPollers?: ProvisionedPollers;

  /**
   * Which messages invoke the function: those that match one of up to 5 filters (10 by request to AWS). **Lambda deletes
   * those that match none**, also for the queue's other consumers.
   *
   * @default - all
   */
  readonly filters?: MessageFilter[];

  /**
   * The key that encrypts the filters, which are otherwise readable in the function's configuration.
   *
   * @default - a key of Lambda's
   */
  readonly filterEncryption?: IKey;

  /**
   * Whether the function reports which messages of a batch failed, so that Lambda deletes the others. `processBatch` of
   * `cdk-spillway/runtime` does; without a report one message that fails makes all of its batch come again.
   *
   * @default true
   */
  readonly reportBatchItemFailures?: boolean;

  /**
   * Whether CloudWatch gets the numbers of messages that were polled, filtered out, invoked with, failed and deleted;
   * see `metric`. They are the only trace of a message that no filter matched.
   *
   * @default false
   */
  readonly eventMetrics?: boolean;

  /**
   * Whether Lambda polls the queue; false leaves the messages where they are.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * The function's timeout, 1 second to 15 minutes: for a function that is defined elsewhere, and so keeps it to itself.
   *
   * @default - the timeout of the function in this app
   */
  readonly functionTimeout?: Duration;
}
