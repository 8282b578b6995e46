import { StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { isOutside, known, knownSeconds, type Rule } from '../rules';
import { type LambdaStreamConsumerProps } from './lambda-stream-consumer-props';

const MAX_BATCH_SIZE = 10_000;
const MAX_WINDOW = 300;
const MAX_PARALLELIZATION = 10;
const MAX_RETRIES = 10_000;
const MIN_RECORD_AGE = 60;
const MAX_RECORD_AGE = 604_800;
const MAX_TUMBLING = 900;
/** By request; the usual quota is 5. */
const MAX_FILTERS = 10;
const MAX_PATTERN_LENGTH = 4_096;

/** What is known when a stream has the consumer. */
export interface StreamConsumerFacts extends LambdaStreamConsumerProps {
  /** The path of the stream that has this consumer already. */
  readonly boundPath?: string;
}

type Facts = StreamConsumerFacts;
const longestPattern = ({ filters = [] }: Facts) =>
  Math.max(0, ...filters.map((filter) => filter._patternOf('data').length));

/** What Lambda refuses, or accepts to the harm of records. */
export const STREAM_CONSUMER_RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-LambdaStreamConsumer-StreamAlreadyBound',
    broken: ({ boundPath }) => boundPath !== undefined,
    message: ({ boundPath }) =>
      `stream must be the only one, but this consumer is already bound to ${boundPath}; Lambda reads each stream with its own event source mapping: create a LambdaStreamConsumer for each, with the same function`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-BatchSizeOutOfRange',
    broken: ({ batchSize }) => isOutside(known(batchSize), 1, MAX_BATCH_SIZE),
    message: ({ batchSize }) =>
      `batchSize must be a whole number from 1 to 10,000, but was ${batchSize}; Lambda rejects other values`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-WindowOutOfRange',
    broken: ({ maxBatchingWindow }) => isOutside(knownSeconds(maxBatchingWindow), 0, MAX_WINDOW),
    message: ({ maxBatchingWindow }) =>
      `maxBatchingWindow must be between 0 and 5 minutes, in whole seconds, but was ${maxBatchingWindow?.toHumanString()}; Lambda rejects other values`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-ParallelizationOutOfRange',
    broken: ({ parallelizationFactor }) => isOutside(known(parallelizationFactor), 1, MAX_PARALLELIZATION),
    message: ({ parallelizationFactor }) =>
      `parallelizationFactor must be a whole number from 1 to 10, but was ${parallelizationFactor}; Lambda rejects other values`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-StartInvalid',
    broken: ({ startingPosition, startingTimestamp }) =>
      (startingPosition === StartingPosition.AT_TIMESTAMP) !== (startingTimestamp !== undefined),
    message: ({ startingPosition, startingTimestamp }) =>
      `startingPosition, startingTimestamp must be AT_TIMESTAMP with a timestamp, or another position without one, but were ${startingPosition ?? 'not given'} and ${startingTimestamp ?? 'not given'}; Lambda rejects other combinations`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-RetriesOutOfRange',
    broken: ({ retryAttempts }) => isOutside(known(retryAttempts), 0, MAX_RETRIES),
    message: ({ retryAttempts }) =>
      `retryAttempts must be a whole number from 0 to 10,000, but was ${retryAttempts}; Lambda rejects other values, except -1, with which a failing record blocks its shard until it expires`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-RecordAgeOutOfRange',
    broken: ({ maxRecordAge }) => isOutside(knownSeconds(maxRecordAge), MIN_RECORD_AGE, MAX_RECORD_AGE),
    message: ({ maxRecordAge }) =>
      `maxRecordAge must be between 1 minute and 7 days, in whole seconds, but was ${maxRecordAge?.toHumanString()}; Lambda rejects other values`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-TumblingWindowOutOfRange',
    broken: ({ tumblingWindow }) => isOutside(knownSeconds(tumblingWindow), 1, MAX_TUMBLING),
    message: ({ tumblingWindow }) =>
      `tumblingWindow must be between 1 second and 15 minutes, in whole seconds, but was ${tumblingWindow?.toHumanString()}; Lambda rejects other values`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-FifoDeadLetterQueue',
    broken: ({ deadLetterQueue }) => deadLetterQueue?.fifo === true,
    message: ({ deadLetterQueue }) =>
      `deadLetterQueue must be a standard queue, but was the FIFO queue ${deadLetterQueue?.node.path}; Lambda sends no message group id, so its records of failed batches would be lost`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-FiltersInvalid',
    broken: ({ filters }) => filters !== undefined && isOutside(filters.length, 1, MAX_FILTERS),
    message: ({ filters }) =>
      `filters must have 1 to 10 patterns (more than 5 once AWS has raised the quota) or be omitted, but had ${filters?.length}; Lambda rejects more, and an empty list filters nothing`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-FilterTooLong',
    broken: (facts) => longestPattern(facts) > MAX_PATTERN_LENGTH,
    message: (facts) =>
      `filters must have patterns of at most 4,096 characters, but had one of ${longestPattern(facts)}; Lambda rejects longer ones`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-EncryptionWithoutFilters',
    broken: ({ filters, filterEncryption }) => filters === undefined && filterEncryption !== undefined,
    message: () => 'filterEncryption must be omitted without filters, but was given; there is nothing to encrypt',
  },
];

const TABLE_RETENTION = 86_400;

/** What is known when a table has the consumer. */
export interface TableConsumerFacts extends LambdaStreamConsumerProps {
  /** Where the table is in the app. */
  readonly tablePath: string;
  /** The stream of the table's changes. */
  readonly tableStreamArn?: string;
}

/** What holds for the changes of a table only. */
export const TABLE_RULES: readonly Rule<TableConsumerFacts>[] = [
  {
    id: 'Spillway-LambdaStreamConsumer-TableWithoutStream',
    broken: ({ tableStreamArn }) => tableStreamArn === undefined,
    message: ({ tablePath }) =>
      `table must have a stream (stream, or dynamoStream of a TableV2; tableStreamArn of an imported table), but ${tablePath} has none; there is nothing to read`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-TableOptions',
    broken: ({ enhancedFanOut, startingTimestamp }) => enhancedFanOut === true || startingTimestamp !== undefined,
    message: ({ tablePath }) =>
      `enhancedFanOut and startingTimestamp must be omitted for a table, but one was given for ${tablePath}; they are of Kinesis, and Lambda rejects them`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-TableRecordAge',
    broken: ({ maxRecordAge }) => (knownSeconds(maxRecordAge) ?? 0) >= TABLE_RETENTION,
    message: ({ maxRecordAge }) =>
      `maxRecordAge must be less than 24 hours for a table, but was ${maxRecordAge?.toHumanString()}; DynamoDB deletes changes then, and the dead-letter queue would refer to changes that can't be read any more`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-TextFilterOfTable',
    broken: ({ filters = [] }) => filters.some(({ _isText }) => _isText),
    message: () =>
      'filters must be of JSON for a table (MessageFilter.json), but one was of text; a change of a table is no text, so it would match none',
  },
];

/** Who reads, and what for. */
export interface UnknownRoleFacts {
  /** Where the function is in the app. */
  readonly functionPath: string;
  /** What its role needs on the stream. */
  readonly actions: readonly string[];
}

/** What is said of a function whose role is not of this app. */
export const ROLE_CAUTIONS: readonly Rule<UnknownRoleFacts>[] = [
  {
    id: 'Spillway-LambdaStreamConsumer-RoleUnknown',
    broken: () => true,
    message: ({ functionPath, actions }) =>
      `role should be known, but that of ${functionPath}, which is defined elsewhere, is not; it must already allow ${actions.join(', ')} on this stream, sqs:SendMessage on the dead-letter queue, and the use of their keys, or Lambda rejects the mapping`,
  },
];
