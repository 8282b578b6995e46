import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { factsOf } from '../queue/queue-facts';
import { like, NUMBER, type PropType, required, type Rule, type Shape, struct, TEXT, computed } from '../rules';
import { type ApiProducerProps, type RequestThrottle } from './api-producer-props';
import { type RequestValue } from './request-value';

const METHODS = ['POST', 'PUT', 'PATCH'];
const MAX_ATTRIBUTES = 10;

/** A value of the request. */
export const REQUEST_VALUE: PropType = like(
  "a RequestValue, such as RequestValue.header('X-Tenant')",
  '_parameterMapping',
  '_fault',
);

const THROTTLE: Shape<RequestThrottle> = { rateLimit: required(NUMBER), burstLimit: required(NUMBER) };

/** Of all producers that are APIs. */
export const API_PRODUCER: Shape<ApiProducerProps> = {
  path: computed(TEXT),
  method: computed(TEXT),
  messageGroupId: REQUEST_VALUE,
  deduplicationId: REQUEST_VALUE,
  throttle: { ...struct(THROTTLE), ...like('an object with rateLimit and burstLimit', 'rateLimit', 'burstLimit') },
  accessLogGroup: like('a log group (ILogGroup)', 'logGroupArn', 'logGroupName'),
};

/** What is known of a producer before it has a queue. */
export interface ApiFacts {
  /** The method of its requests. */
  readonly method: string;
  /** The path of its requests. */
  readonly path: string;
  /** The values that are taken from a request, by the name of their property. */
  readonly values: Readonly<Record<string, RequestValue | undefined>>;
  /** The names of message attributes. */
  readonly attributes: readonly string[];
  /** The names of properties that are given, but have no effect beside `api`. */
  readonly ofOwnApi: readonly string[];
}

function* faults({ values, path }: ApiFacts): Iterable<string> {
  for (const [property, value] of Object.entries(values)) {
    const fault = value?._fault(path);
    if (fault !== undefined) yield `${property} ${fault}`;
  }
}

const unusable = (name: string) =>
  !/^(?!\.)(?!.*(\.\.|\.$))[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name);

/** What can be judged from the props alone. */
export const API_RULES: readonly Rule<ApiFacts>[] = [
  {
    id: 'Spillway-ApiProducer-MethodInvalid',
    broken: ({ method }) => !METHODS.includes(method),
    message: ({ method }) =>
      `method must be one of ${METHODS.join(', ')}, but was '${method}'; other requests have no body to send, or are repeated by clients and caches`,
  },
  {
    id: 'Spillway-ApiProducer-PathInvalid',
    broken: ({ path }) => !/^(\/|(\/([\w.~-]+|\{[\w.-]+\}))+)$/.test(path),
    message: ({ path }) =>
      `path must begin with '/' and have segments of letters, digits, '-', '.', '_' and '~', or a parameter in braces, but was '${path}'; API Gateway rejects other paths`,
  },
  {
    id: 'Spillway-ApiProducer-ValueInvalid',
    broken: (facts) => [...faults(facts)].length > 0,
    message: (facts) => `${[...faults(facts)].join(', and ')}; API Gateway would find no value in any request`,
  },
  {
    id: 'Spillway-ApiProducer-AttributesInvalid',
    broken: ({ attributes }) => attributes.length > MAX_ATTRIBUTES || attributes.some(unusable),
    message: ({ attributes }) =>
      `messageAttributes must be at most 10, with names of up to 256 letters, digits, '_', '-' and '.', not of AWS, but were ${attributes.length}: ${attributes.join(', ')}; SQS would reject every message`,
  },
  {
    id: 'Spillway-ApiProducer-OptionsOfOwnApi',
    broken: ({ ofOwnApi }) => ofOwnApi.length > 0,
    message: ({ ofOwnApi }) =>
      `${ofOwnApi.join(', ')} must be omitted with api; set it on the stages of that API: they are not this producer's`,
  },
];

/** What is known once a producer gets a queue. */
export interface ApiQueueFacts {
  /** The queue. */
  readonly queue: IQueue;
  /** The queue that the producer has already. */
  readonly bound?: IQueue;
  /** Which group a message belongs to. */
  readonly messageGroupId?: RequestValue;
  /** What tells repeated messages. */
  readonly deduplicationId?: RequestValue;
}

/** What a queue and an API must agree on. */
export const API_QUEUE_RULES: readonly Rule<ApiQueueFacts>[] = [
  {
    id: 'Spillway-ApiProducer-QueueAlreadyBound',
    broken: ({ bound }) => bound !== undefined,
    message: ({ bound }) =>
      `queue must be the only one of this producer, but it sends to ${bound?.node.path} already; create another producer with the same api, and another path`,
  },
  {
    id: 'Spillway-ApiProducer-GroupMissing',
    broken: ({ queue, messageGroupId }) => factsOf(queue).fifo === true && messageGroupId === undefined,
    message: ({ queue }) =>
      `messageGroupId must be given for the FIFO queue ${queue.node.path}; SQS rejects messages without a group`,
  },
  {
    id: 'Spillway-ApiProducer-DeduplicationOfStandardQueue',
    broken: ({ queue, deduplicationId }) => factsOf(queue).fifo === false && deduplicationId !== undefined,
    message: ({ queue }) =>
      `deduplicationId must be omitted for the standard queue ${queue.node.path}; SQS rejects messages that have one`,
  },
];
