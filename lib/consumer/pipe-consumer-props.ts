import { type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { type Duration } from 'aws-cdk-lib/core';
import { type MessageFilter } from './message-filter';
import { type PipeEnrichment } from './pipe-enrichment';
import { type PipeTarget } from './pipe-target';

/** What a pipe logs. */
export enum PipeLogLevel {
  /** Nothing. */
  OFF = 'OFF',
  /** What fails. */
  ERROR = 'ERROR',
  /** Each step of each execution as well. */
  INFO = 'INFO',
  /** All there is. */
  TRACE = 'TRACE',
}

/** Properties of a PipeConsumer. */
export interface PipeConsumerProps {
  /** What the messages are sent to. */
  readonly target: PipeTarget;

  /**
   * Which messages are sent on: those that match one of up to 5 filters. **The pipe deletes those that match none**, also
   * for the queue's other consumers.
   *
   * @default - all
   */
  readonly filters?: MessageFilter[];

  /**
   * What is called with the messages first, and whose answer is sent on in their place.
   *
   * @default - none
   */
  readonly enrichment?: PipeEnrichment;

  /**
   * What the enrichment gets of each message, up to 8,192 characters: JSON with paths such as `<$.body.order>`.
   *
   * @default - the message, with its attributes
   */
  readonly enrichmentInputTemplate?: string;

  /**
   * What the target gets of each message, up to 8,192 characters: JSON with paths such as `<$.body.order>`. An API
   * destination needs one, unless its API takes messages as SQS has them.
   *
   * @default - the message with its attributes, or the enrichment's answer
   */
  readonly inputTemplate?: string;

  /**
   * The most messages at a time: 1 to 10,000, 10 of a FIFO queue, and no more than the target takes at once, which are 10
   * for an event bus or a topic, 500 for a stream and 1 for an API destination.
   *
   * @default - 10, or 1 with an API destination
   */
  readonly batchSize?: number;

  /**
   * For how long the pipe gathers messages, up to 5 minutes.
   *
   * @default Duration.seconds(0)
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * How long enrichment and target take for one batch, up to 5 minutes. The queue's visibility timeout is derived from
   * it: 6 times, as AWS recommends.
   *
   * @default - the timeouts of the functions, 5 minutes for an Express workflow, 5 seconds for what is not waited for
   */
  readonly processingTime?: Duration;

  /**
   * The pipe's name: 1 to 64 letters, digits, `-`, `_` and `.`.
   *
   * @default - a name that CloudFormation makes
   */
  readonly pipeName?: string;

  /**
   * What the pipe is for.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * What is logged; never the messages themselves.
   *
   * @default PipeLogLevel.ERROR
   */
  readonly logLevel?: PipeLogLevel;

  /**
   * Where it is logged.
   *
   * @default - a log group is created, which keeps entries for a month
   */
  readonly logGroup?: ILogGroup;

  /**
   * Whether the pipe takes messages from the queue.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
