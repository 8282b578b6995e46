import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type ResourceEnvironment, Token } from 'aws-cdk-lib/core';
import { differs } from '../queue/queue-rules';
import { isOutside, known, knownSeconds, type Rule } from '../rules';
import { type PipeConsumerProps } from './pipe-consumer-props';
import { MAX_EXECUTION_SECONDS, type PipeStep } from './pipe-step';

const MAX_FIFO_BATCH = 10;
const MAX_WINDOW = 300;
/** By request to AWS more. */
const MAX_FILTERS = 5;
const MAX_PATTERN_LENGTH = 4_096;
const MAX_TEMPLATE_LENGTH = 8_192;
const MAX_NAME = 64;

/** What can be judged from the props alone. */
export const PIPE_RULES: readonly Rule<PipeConsumerProps & { readonly steps: readonly PipeStep[] }>[] = [
  {
    id: 'Spillway-PipeConsumer-NameInvalid',
    broken: ({ pipeName: name }) =>
      name !== undefined && !Token.isUnresolved(name) && !(name.length <= MAX_NAME && /^[\w.-]+$/.test(name)),
    message: ({ pipeName }) =>
      `pipeName must be 1 to 64 letters, digits, '-', '_' and '.', but was '${pipeName}'; EventBridge Pipes rejects other names`,
  },
  {
    id: 'Spillway-PipeConsumer-WindowOutOfRange',
    broken: ({ maxBatchingWindow }) => isOutside(knownSeconds(maxBatchingWindow), 0, MAX_WINDOW),
    message: ({ maxBatchingWindow }) =>
      `maxBatchingWindow must be between 0 and 5 minutes, in whole seconds, but was ${maxBatchingWindow?.toHumanString()}; EventBridge Pipes rejects other values`,
  },
  {
    id: 'Spillway-PipeConsumer-ProcessingTimeOutOfRange',
    broken: ({ processingTime }) => isOutside(knownSeconds(processingTime), 1, MAX_EXECUTION_SECONDS),
    message: ({ processingTime }) =>
      `processingTime must be between 1 second and 5 minutes, in whole seconds, but was ${processingTime?.toHumanString()}; no execution of a pipe lasts longer`,
  },
  {
    id: 'Spillway-PipeConsumer-FiltersInvalid',
    broken: ({ filters }) => filters !== undefined && isOutside(filters.length, 1, MAX_FILTERS),
    message: ({ filters }) =>
      `filters must have 1 to 5 patterns or be omitted, but had ${filters?.length}; EventBridge Pipes rejects more, and an empty list filters nothing`,
  },
  {
    id: 'Spillway-PipeConsumer-FilterTooLong',
    broken: ({ filters = [] }) => filters.some((filter) => filter._patternOf('body').length > MAX_PATTERN_LENGTH),
    message: () =>
      'filters must have patterns of at most 4,096 characters, but had a longer one; EventBridge Pipes rejects it',
  },
  {
    id: 'Spillway-PipeConsumer-TemplateTooLong',
    broken: (props) => longestTemplate(props) > MAX_TEMPLATE_LENGTH,
    message: (props) =>
      `inputTemplate and enrichmentInputTemplate must be at most 8,192 characters, but one had ${longestTemplate(props)}; EventBridge Pipes rejects longer ones`,
  },
  {
    id: 'Spillway-PipeConsumer-TemplateWithoutEnrichment',
    broken: ({ enrichment, enrichmentInputTemplate }) =>
      enrichment === undefined && enrichmentInputTemplate !== undefined,
    message: () => 'enrichmentInputTemplate must be omitted without enrichment, but was given; nothing would use it',
  },
  {
    id: 'Spillway-PipeConsumer-StandardWorkflow',
    broken: ({ steps }) => steps.some(({ waitsForStandard }) => waitsForStandard),
    message: ({ steps }) =>
      `${steps.find(({ waitsForStandard }) => waitsForStandard)?.label} must be an Express workflow to be waited for, but is a Standard one; EventBridge Pipes rejects it, since a Standard workflow can last for a year`,
  },
  {
    id: 'Spillway-PipeConsumer-FifoTopic',
    broken: ({ steps }) => steps.some(({ fifoTopic }) => fifoTopic === true),
    message: ({ steps }) =>
      `target must be a standard topic, but was FIFO: ${steps.find(({ fifoTopic }) => fifoTopic)?.label}; EventBridge Pipes can't publish to FIFO topics`,
  },
];

function longestTemplate({ inputTemplate = '', enrichmentInputTemplate = '' }: PipeConsumerProps): number {
  const lengths = [inputTemplate, enrichmentInputTemplate].map((text) => (Token.isUnresolved(text) ? 0 : text.length));
  return Math.max(...lengths);
}

/** What is known once a pipe gets a queue. */
export interface PipeQueueFacts {
  /** The queue. */
  readonly queue: IQueue;
  /** The queue that the pipe has already. */
  readonly bound?: IQueue;
  /** Where the pipe is. */
  readonly env: ResourceEnvironment;
  /** The most messages at a time that are asked for. */
  readonly batchSize: number;
  /** What the pipe calls. */
  readonly steps: readonly PipeStep[];
}

const elsewhere = (one: ResourceEnvironment, { account, region }: ResourceEnvironment) =>
  differs(one.account, account) || differs(one.region, region);
const farStep = ({ steps, env }: PipeQueueFacts) =>
  steps.find(({ mustBeNear }) => mustBeNear !== undefined && elsewhere(mustBeNear, env));
const narrowest = ({ steps, queue }: PipeQueueFacts) =>
  [...steps, ...(queue.fifo ? [{ label: 'a FIFO queue', largestBatch: MAX_FIFO_BATCH }] : [])].reduce((one, other) =>
    other.largestBatch < one.largestBatch ? other : one,
  );

/** What a queue and a pipe must agree on. */
export const PIPE_QUEUE_RULES: readonly Rule<PipeQueueFacts>[] = [
  {
    id: 'Spillway-PipeConsumer-QueueAlreadyBound',
    broken: ({ bound }) => bound !== undefined,
    message: ({ bound }) =>
      `queue must be the only one of this consumer, but it consumes ${bound?.node.path} already; a pipe has one source: create a PipeConsumer for each`,
  },
  {
    id: 'Spillway-PipeConsumer-QueueElsewhere',
    broken: ({ queue, env }) => elsewhere(queue.env, env),
    message: ({ queue, env }) =>
      `queue must be of the pipe's account and Region (${env.account}, ${env.region}), but was ${queue.node.path} of ${queue.env.account}, ${queue.env.region}; EventBridge Pipes rejects other sources`,
  },
  {
    id: 'Spillway-PipeConsumer-BusElsewhere',
    broken: (facts) => farStep(facts) !== undefined,
    message: (facts) =>
      `target must be of the pipe's account and Region (${facts.env.account}, ${facts.env.region}), but was ${farStep(facts)?.label} of ${farStep(facts)?.mustBeNear?.account}, ${farStep(facts)?.mustBeNear?.region}; send to a bus here, and have a rule of that bus send to the other`,
  },
  {
    id: 'Spillway-PipeConsumer-BatchSizeOutOfRange',
    broken: (facts) => isOutside(known(facts.batchSize), 1, narrowest(facts).largestBatch),
    message: (facts) =>
      `batchSize must be a whole number between 1 and ${narrowest(facts).largestBatch.toLocaleString('en-US')} with ${narrowest(facts).label}, but was ${facts.batchSize}; EventBridge Pipes rejects larger batches than it can send on at once`,
  },
];
