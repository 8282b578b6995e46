import { isOutside, known, knownSeconds, type Rule } from '../rules';
import { type LambdaConsumerProps } from './lambda-consumer-props';

const MAX_BATCH_SIZE = 10_000;
const MAX_FIFO_BATCH_SIZE = 10;
/** Larger batches only form while Lambda waits for them. */
const MAX_BATCH_SIZE_WITHOUT_WINDOW = 10;
const MAX_WINDOW = 300;
const MIN_CONCURRENCY = 2;
const MAX_CONCURRENCY = 1_000;
const MAX_FUNCTION_TIMEOUT = 900;
const MIN_POLLERS = 2;
const MAX_MINIMUM_POLLERS = 200;
const MAX_MAXIMUM_POLLERS = 2_000;
const DEFAULT_MAXIMUM_POLLERS = 200;
/** By request; the usual quota is 5. */
const MAX_FILTERS = 10;
const MAX_PATTERN_LENGTH = 4_096;

/** What is known when a queue has the consumer. */
export interface LambdaConsumerFacts extends LambdaConsumerProps {
  /** Where the function is in the app. */
  readonly functionPath: string;
  /** The path of the queue that has this consumer already. */
  readonly boundPath?: string;
  /** Whether the queue keeps order. */
  readonly fifo: boolean;
  /** The concurrency that the function has for itself, when it is of this app and has any. */
  readonly reservedConcurrency?: number;
}

type Facts = LambdaConsumerFacts;

const longestPattern = ({ filters = [] }: Facts) =>
  Math.max(0, ...filters.map((filter) => filter._patternOf('body').length));

/** What Lambda refuses, or accepts to the harm of messages. */
export const LAMBDA_CONSUMER_RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-LambdaConsumer-QueueAlreadyBound',
    broken: ({ boundPath }) => boundPath !== undefined,
    message: ({ boundPath }) =>
      `queue: got a second one, allowed is one, and ${boundPath} has this consumer already; Lambda polls each queue with an event source mapping of its own: make a LambdaConsumer for each, of the same function`,
  },
  {
    id: 'Spillway-LambdaConsumer-BatchSizeOutOfRange',
    broken: ({ batchSize, fifo }) => !fifo && isOutside(known(batchSize), 1, MAX_BATCH_SIZE),
    message: ({ batchSize }) =>
      `batchSize: got ${batchSize}, allowed are whole numbers from 1 to 10,000; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-FifoBatchSizeOutOfRange',
    broken: ({ batchSize, fifo }) => fifo && isOutside(known(batchSize), 1, MAX_FIFO_BATCH_SIZE),
    message: ({ batchSize }) =>
      `batchSize: got ${batchSize}, allowed with a FIFO queue are whole numbers from 1 to 10; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-BatchNeedsWindow',
    broken: ({ batchSize, maxBatchingWindow, fifo }) =>
      !fifo &&
      (known(batchSize) ?? 0) > MAX_BATCH_SIZE_WITHOUT_WINDOW &&
      (maxBatchingWindow === undefined || knownSeconds(maxBatchingWindow) === 0),
    message: ({ batchSize }) =>
      `maxBatchingWindow: got none, allowed with a batchSize of ${batchSize} are 1 second to 5 minutes; Lambda refuses batches above 10 without a window`,
  },
  {
    id: 'Spillway-LambdaConsumer-WindowOutOfRange',
    broken: ({ maxBatchingWindow, fifo }) => !fifo && isOutside(knownSeconds(maxBatchingWindow), 0, MAX_WINDOW),
    message: ({ maxBatchingWindow }) =>
      `maxBatchingWindow: got ${maxBatchingWindow?.toHumanString()}, allowed are whole seconds from 0 to 5 minutes; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-WindowOnFifo',
    broken: ({ maxBatchingWindow, fifo }) => fifo && (knownSeconds(maxBatchingWindow) ?? 0) > 0,
    message: ({ maxBatchingWindow }) =>
      `maxBatchingWindow: got ${maxBatchingWindow?.toHumanString()}, allowed with a FIFO queue is none; Lambda refuses to wait for messages of a FIFO queue`,
  },
  {
    id: 'Spillway-LambdaConsumer-ConcurrencyOutOfRange',
    broken: ({ maxConcurrency }) => isOutside(known(maxConcurrency), MIN_CONCURRENCY, MAX_CONCURRENCY),
    message: ({ maxConcurrency }) =>
      `maxConcurrency: got ${maxConcurrency}, allowed are whole numbers from 2 to 1,000; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-ConcurrencyAboveReserved',
    broken: ({ maxConcurrency, reservedConcurrency }) =>
      (known(maxConcurrency) ?? 0) > (known(reservedConcurrency) ?? Infinity),
    message: ({ maxConcurrency, reservedConcurrency, functionPath }) =>
      `maxConcurrency: got ${maxConcurrency}, allowed is at most the reserved concurrency of ${functionPath} (${reservedConcurrency}); Lambda accepts it, receives more messages than the function may handle, and each throttled batch uses up a receive of its messages until they are in the dead-letter queue`,
  },
  {
    id: 'Spillway-LambdaConsumer-PollersWithConcurrency',
    broken: ({ maxConcurrency, provisionedPollers }) =>
      maxConcurrency !== undefined && provisionedPollers !== undefined,
    message: ({ maxConcurrency }) =>
      `maxConcurrency: got ${maxConcurrency} beside provisionedPollers, allowed is one of the two; Lambda refuses both (a poller stands for up to 10 invocations at a time: limit provisionedPollers.maximum)`,
  },
  {
    id: 'Spillway-LambdaConsumer-PollersOutOfRange',
    broken: ({ provisionedPollers: { minimum, maximum } = {} }) =>
      isOutside(known(minimum), MIN_POLLERS, MAX_MINIMUM_POLLERS) ||
      isOutside(known(maximum), MIN_POLLERS, MAX_MAXIMUM_POLLERS) ||
      (known(minimum) ?? MIN_POLLERS) > (known(maximum) ?? DEFAULT_MAXIMUM_POLLERS),
    message: ({ provisionedPollers: { minimum, maximum } = {} }) =>
      `provisionedPollers: got minimum ${minimum} and maximum ${maximum}, allowed are whole numbers from 2 to 200 and from 2 to 2,000, the second not below the first; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-FiltersInvalid',
    broken: ({ filters }) => filters !== undefined && isOutside(filters.length, 1, MAX_FILTERS),
    message: ({ filters }) =>
      `filters: got ${filters?.length}, allowed are 1 to 10 patterns (above 5 once AWS has raised the quota), or none of the property; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-FilterTooLong',
    broken: (facts) => longestPattern(facts) > MAX_PATTERN_LENGTH,
    message: (facts) =>
      `filters: got a pattern of ${longestPattern(facts)} characters, allowed are up to 4,096; Lambda refuses longer ones`,
  },
  {
    id: 'Spillway-LambdaConsumer-EncryptionWithoutFilters',
    broken: ({ filters, filterEncryption }) => filters === undefined && filterEncryption !== undefined,
    message: () => 'filterEncryption: got a key, allowed with filters only; there is nothing to encrypt',
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
