import { type IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { differs } from '../queue/queue-rules';
import { isOutside, known, knownSeconds, type Rule } from '../rules';
import { TEXTS } from '../rules/texts';
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
/** By request. */
const MAX_FILTERS = 10;
/** The quota that every account has. */
const USUAL_FILTERS = 5;
/** With less, Lambda's first pollers alone are throttled. */
const LEAST_RESERVED_CONCURRENCY = 5;
const VISIBILITY_FACTOR = 6;
/** Not ChangeMessageVisibility, which the queue's own grant would add: Lambda never uses it. */
export const CONSUME_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const MAX_PATTERN_LENGTH = 4_096;

/** What is known when a queue has the consumer. */
export interface LambdaConsumerFacts extends LambdaConsumerProps {
  /** The function. */
  readonly handler: IFunction;
  /** The queue. */
  readonly queue: IQueue;
  /** What the mapping is called below the function. */
  readonly mappingId: string;
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

/** Whether the function is in another account than the queue, as far as that is known at synthesis. */
export function isAcrossAccounts({ handler, queue }: Pick<Facts, 'handler' | 'queue'>): boolean {
  return differs(handler.env.account, queue.env.account);
}

const longestPattern = ({ filters = [] }: Facts) =>
  Math.max(0, ...filters.map((filter) => filter._patternOf('body').length));

/** What Lambda refuses, or accepts to the harm of messages. */
export const LAMBDA_CONSUMER_RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-LambdaConsumer-QueueAlreadyBound',
    broken: ({ boundPath }) => boundPath !== undefined,
    message: ({ boundPath }) =>
      `queue must be the only one of this consumer, but ${boundPath} has it already; Lambda polls each queue with an event source mapping of its own: make a LambdaConsumer for each, with the same function`,
  },
  {
    id: 'Spillway-LambdaConsumer-FunctionAlreadyConsumes',
    broken: ({ handler, mappingId, boundPath }) =>
      boundPath === undefined && handler.node.tryFindChild(mappingId) !== undefined,
    message: ({ handler, queue }) =>
      `handler must consume each queue once, but ${handler.node.path} consumes ${queue.node.path} already; Lambda refuses a second event source mapping of the same two`,
  },
  {
    id: 'Spillway-Mapping-OtherRegion',
    broken: ({ handler, queue }) => differs(handler.env.region, queue.env.region),
    message: ({ handler, queue }) =>
      `handler ${TEXTS['Spillway-Mapping-OtherRegion']({ handler: handler.node.path, handlerRegion: handler.env.region, queue: queue.node.path, queueRegion: queue.env.region })}`,
  },
  {
    id: 'Spillway-LambdaConsumer-OtherAccountUnknown',
    broken: (facts) => isAcrossAccounts(facts) && facts.handler.role === undefined,
    message: ({ handler, queue }) =>
      `handler must be imported with its role (Function.fromFunctionAttributes), but was ${handler.node.path} of account ${handler.env.account}, whose role is not known; the policy of ${queue.node.path} must admit the role, or Lambda refuses the mapping`,
  },
  {
    id: 'Spillway-LambdaConsumer-KeyOtherRegion',
    broken: ({ filterEncryption, handler }) =>
      filterEncryption !== undefined && differs(filterEncryption.env.region, handler.env.region),
    message: ({ filterEncryption, handler }) =>
      `filterEncryption must be a key in ${handler.env.region}, the function's Region, but was ${filterEncryption?.node.path} in ${filterEncryption?.env.region}; Lambda refuses others`,
  },
  {
    id: 'Spillway-Mapping-BatchSizeOutOfRange',
    broken: ({ batchSize, fifo }) => isOutside(known(batchSize), 1, fifo ? MAX_FIFO_BATCH_SIZE : MAX_BATCH_SIZE),
    message: ({ batchSize, fifo }) =>
      `batchSize ${TEXTS['Spillway-Mapping-BatchSizeOutOfRange']({ got: batchSize, fifo })}`,
  },
  {
    id: 'Spillway-Mapping-BatchNeedsWindow',
    broken: ({ batchSize, maxBatchingWindow, fifo }) =>
      !fifo &&
      (known(batchSize) ?? 0) > MAX_BATCH_SIZE_WITHOUT_WINDOW &&
      (maxBatchingWindow === undefined || knownSeconds(maxBatchingWindow) === 0),
    message: ({ batchSize }) => `maxBatchingWindow ${TEXTS['Spillway-Mapping-BatchNeedsWindow']({ batchSize })}`,
  },
  {
    id: 'Spillway-Mapping-WindowOutOfRange',
    broken: ({ maxBatchingWindow, fifo }) => !fifo && isOutside(knownSeconds(maxBatchingWindow), 0, MAX_WINDOW),
    message: ({ maxBatchingWindow }) =>
      `maxBatchingWindow ${TEXTS['Spillway-Mapping-WindowOutOfRange']({ got: knownSeconds(maxBatchingWindow) })}`,
  },
  {
    id: 'Spillway-Mapping-WindowOnFifo',
    broken: ({ maxBatchingWindow, fifo }) => fifo && (knownSeconds(maxBatchingWindow) ?? 0) > 0,
    message: ({ maxBatchingWindow }) =>
      `maxBatchingWindow ${TEXTS['Spillway-Mapping-WindowOnFifo']({ got: knownSeconds(maxBatchingWindow) })}`,
  },
  {
    id: 'Spillway-Mapping-ConcurrencyOutOfRange',
    broken: ({ maxConcurrency }) => isOutside(known(maxConcurrency), MIN_CONCURRENCY, MAX_CONCURRENCY),
    message: ({ maxConcurrency }) =>
      `maxConcurrency ${TEXTS['Spillway-Mapping-ConcurrencyOutOfRange']({ got: maxConcurrency })}`,
  },
  {
    id: 'Spillway-Mapping-ConcurrencyAboveReserved',
    broken: ({ maxConcurrency, reservedConcurrency }) =>
      (known(maxConcurrency) ?? 0) > (known(reservedConcurrency) ?? Infinity),
    message: ({ maxConcurrency, reservedConcurrency, functionPath }) =>
      `maxConcurrency ${TEXTS['Spillway-Mapping-ConcurrencyAboveReserved']({ got: maxConcurrency, reserved: reservedConcurrency, handler: functionPath })}`,
  },
  {
    id: 'Spillway-Mapping-PollersAndConcurrency',
    broken: ({ maxConcurrency, provisionedPollers }) =>
      maxConcurrency !== undefined && provisionedPollers !== undefined,
    message: () => `provisionedPollers ${TEXTS['Spillway-Mapping-PollersAndConcurrency']()}`,
  },
  {
    id: 'Spillway-LambdaConsumer-PollersOutOfRange',
    broken: ({ provisionedPollers: { minimum, maximum } = {} }) =>
      isOutside(known(minimum), MIN_POLLERS, MAX_MINIMUM_POLLERS) ||
      isOutside(known(maximum), MIN_POLLERS, MAX_MAXIMUM_POLLERS) ||
      (known(minimum) ?? MIN_POLLERS) > (known(maximum) ?? DEFAULT_MAXIMUM_POLLERS),
    message: ({ provisionedPollers: { minimum, maximum } = {} }) =>
      `provisionedPollers must have a minimum between 2 and 200 and a maximum between 2 and 2,000, not below the minimum, but had ${minimum} and ${maximum}; Lambda refuses others`,
  },
  {
    id: 'Spillway-LambdaConsumer-FiltersEmpty',
    broken: ({ filters }) => filters?.length === 0,
    message: () =>
      'filters must have 1 to 10 patterns, or be left out, but was an empty list; it filters nothing, and the function would get every message',
  },
  {
    id: 'Spillway-Mapping-TooManyFilters',
    broken: ({ filters = [] }) => filters.length > MAX_FILTERS,
    message: ({ filters = [] }) => `filters ${TEXTS['Spillway-Mapping-TooManyFilters']({ got: filters.length })}`,
  },
  {
    id: 'Spillway-LambdaConsumer-FilterTooLong',
    broken: (facts) => longestPattern(facts) > MAX_PATTERN_LENGTH,
    message: (facts) =>
      `filters must have patterns of at most 4,096 characters, but one had ${longestPattern(facts)}; Lambda refuses longer ones`,
  },
  {
    id: 'Spillway-LambdaConsumer-EncryptionWithoutFilters',
    broken: ({ filters, filterEncryption }) => filters === undefined && filterEncryption !== undefined,
    message: () => 'filterEncryption must not be given without filters; there is nothing to encrypt',
  },
  {
    id: 'Spillway-LambdaConsumer-TimeoutUnknown',
    broken: ({ functionTimeout }) => functionTimeout === undefined,
    message: ({ functionPath }) =>
      `functionTimeout must be given for ${functionPath}, which is defined elsewhere; the queue's visibility timeout depends on it, and Lambda refuses a queue whose visibility timeout is shorter`,
  },
  {
    id: 'Spillway-LambdaConsumer-TimeoutOutOfRange',
    broken: ({ functionTimeout }) => isOutside(knownSeconds(functionTimeout), 1, MAX_FUNCTION_TIMEOUT),
    message: ({ functionTimeout }) =>
      `functionTimeout must be between 1 second and 15 minutes, in whole seconds, but was ${functionTimeout?.toHumanString()}; no function runs for longer`,
  },
];

/** How long messages take, in seconds; undefined if that is known only at deployment. */
export interface FunctionTimes {
  /** Of the function. */
  readonly timeout?: number;
  /** For a batch to form. */
  readonly window?: number;
}

/** What is known once the mapping is made. */
export interface LambdaConsumerCautionFacts extends LambdaConsumerFacts, FunctionTimes {
  /** The queue's own visibility timeout in seconds, when its template says it and nothing derives it. */
  readonly visibility?: number;
  /** Whether the function's role is of this app. */
  readonly roleKnown: boolean;
}

type Cautioned = LambdaConsumerCautionFacts;

/** AWS's recommendation: room for Lambda's own retries of a throttled batch. */
export function recommendedVisibility({ timeout, window }: FunctionTimes): number | undefined {
  return timeout === undefined || window === undefined ? undefined : VISIBILITY_FACTOR * timeout + window;
}

/** What works, but not as one would wish. */
export const LAMBDA_CONSUMER_CAUTIONS: readonly Rule<Cautioned>[] = [
  {
    id: 'Spillway-LambdaConsumer-RoleUnknown',
    broken: ({ roleKnown }) => !roleKnown,
    message: ({ functionPath }) =>
      `role should be known, but ${functionPath} is defined elsewhere; its role must already allow ${CONSUME_ACTIONS.join(', ')} on this queue, and kms:Decrypt on its key, or Lambda refuses the mapping`,
  },
  {
    id: 'Spillway-Mapping-VisibilityTight',
    broken: ({ visibility, ...facts }) =>
      visibility !== undefined &&
      visibility > (facts.timeout ?? 0) + (facts.window ?? 0) &&
      visibility < (recommendedVisibility(facts) ?? 0),
    message: ({ visibility, queue, ...facts }) =>
      `queue ${TEXTS['Spillway-Mapping-VisibilityTight']({ queue: queue.node.path, visibility, recommended: recommendedVisibility(facts) })}`,
  },
  {
    id: 'Spillway-LambdaConsumer-ReservedConcurrencyLow',
    broken: ({ reservedConcurrency }) => (known(reservedConcurrency) ?? Infinity) < LEAST_RESERVED_CONCURRENCY,
    message: ({ functionPath, reservedConcurrency }) =>
      `reservedConcurrentExecutions of ${functionPath} should be 5 or more for the consumer of a queue, but was ${reservedConcurrency}; Lambda begins with 5 batches at a time, and each one that is throttled uses up a receive of its messages`,
  },
  {
    id: 'Spillway-LambdaConsumer-FiltersAboveUsualQuota',
    broken: ({ filters = [] }) => filters.length > USUAL_FILTERS,
    message: ({ filters = [] }) =>
      `filters should have at most 5 patterns, but had ${filters.length}; Lambda refuses more until AWS has raised the account's quota`,
  },
  {
    id: 'Spillway-LambdaConsumer-PollersOnFifo',
    broken: ({ fifo, provisionedPollers }) => fifo && provisionedPollers !== undefined,
    message: () =>
      'provisionedPollers should not be given for a FIFO queue; AWS does not document them there, and Lambda may refuse them',
  },
];
