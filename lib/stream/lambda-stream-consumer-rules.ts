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
      `stream: got a second one, allowed is one, and ${boundPath} has this consumer already; Lambda reads each stream with an event source mapping of its own: make a LambdaStreamConsumer for each, of the same function`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-BatchSizeOutOfRange',
    broken: ({ batchSize }) => isOutside(known(batchSize), 1, MAX_BATCH_SIZE),
    message: ({ batchSize }) =>
      `batchSize: got ${batchSize}, allowed are whole numbers from 1 to 10,000; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-WindowOutOfRange',
    broken: ({ maxBatchingWindow }) => isOutside(knownSeconds(maxBatchingWindow), 0, MAX_WINDOW),
    message: ({ maxBatchingWindow }) =>
      `maxBatchingWindow: got ${maxBatchingWindow?.toHumanString()}, allowed are whole seconds from 0 to 5 minutes; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-ParallelizationOutOfRange',
    broken: ({ parallelizationFactor }) => isOutside(known(parallelizationFactor), 1, MAX_PARALLELIZATION),
    message: ({ parallelizationFactor }) =>
      `parallelizationFactor: got ${parallelizationFactor}, allowed are whole numbers from 1 to 10; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-StartInvalid',
    broken: ({ startingPosition, startingTimestamp }) =>
      (startingPosition === StartingPosition.AT_TIMESTAMP) !== (startingTimestamp !== undefined),
    message: ({ startingPosition, startingTimestamp }) =>
      `startingPosition, startingTimestamp: got ${startingPosition ?? 'none'} and ${startingTimestamp ?? 'none'}, allowed are AT_TIMESTAMP with a timestamp, or another position without; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-RetriesOutOfRange',
    broken: ({ retryAttempts }) => isOutside(known(retryAttempts), 0, MAX_RETRIES),
    message: ({ retryAttempts }) =>
      `retryAttempts: got ${retryAttempts}, allowed are whole numbers from 0 to 10,000; Lambda refuses others, but for -1, with which a record that fails blocks its shard until it expires`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-RecordAgeOutOfRange',
    broken: ({ maxRecordAge }) => isOutside(knownSeconds(maxRecordAge), MIN_RECORD_AGE, MAX_RECORD_AGE),
    message: ({ maxRecordAge }) =>
      `maxRecordAge: got ${maxRecordAge?.toHumanString()}, allowed are whole seconds from 1 minute to 7 days; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-TumblingWindowOutOfRange',
    broken: ({ tumblingWindow }) => isOutside(knownSeconds(tumblingWindow), 1, MAX_TUMBLING),
    message: ({ tumblingWindow }) =>
      `tumblingWindow: got ${tumblingWindow?.toHumanString()}, allowed are whole seconds from 1 to 15 minutes; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-FifoDeadLetterQueue',
    broken: ({ deadLetterQueue }) => deadLetterQueue?.fifo === true,
    message: ({ deadLetterQueue }) =>
      `deadLetterQueue: got the FIFO queue ${deadLetterQueue?.node.path}, allowed are standard queues; Lambda gives what it notes no message group, and the notes would be lost`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-FiltersInvalid',
    broken: ({ filters }) => filters !== undefined && isOutside(filters.length, 1, MAX_FILTERS),
    message: ({ filters }) =>
      `filters: got ${filters?.length}, allowed are 1 to 10 (above 5 once AWS has raised the quota), or none of the property; Lambda refuses more, and an empty list filters nothing`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-FilterTooLong',
    broken: (facts) => longestPattern(facts) > MAX_PATTERN_LENGTH,
    message: (facts) =>
      `filters: got a pattern of ${longestPattern(facts)} characters, allowed are up to 4,096; Lambda refuses longer ones`,
  },
  {
    id: 'Spillway-LambdaStreamConsumer-EncryptionWithoutFilters',
    broken: ({ filters, filterEncryption }) => filters === undefined && filterEncryption !== undefined,
    message: () => 'filterEncryption: got a key, allowed with filters only; there is nothing to encrypt',
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
      `role: got none of ${functionPath}, which is defined elsewhere, allowed without an acknowledgement are functions of this app; its role must already allow ${actions.join(', ')} on this stream, sqs:SendMessage on the dead-letter queue, and the use of their keys, or Lambda refuses the mapping`,
  },
];
