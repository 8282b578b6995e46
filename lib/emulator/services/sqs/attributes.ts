import { isDeepStrictEqual } from 'node:util';
import { SECOND } from '../../clock';
import type { QueueKey } from './encryption';
import { invalidAttributeName, invalidAttributeValue, unknownAttribute } from './errors';
import type { SqsLimits } from './limits';
import { isNestedDeeper } from './actions/nesting';
import { checkPolicySize } from './actions/permissions';
import {
  ALLOW_ALL,
  parseRedriveAllowPolicy,
  parseRedrivePolicy,
  type RedriveAllowPolicy,
  type RedrivePolicy,
  writeRedriveAllowPolicy,
} from './queue/redrive';

/** A queue's attributes as text, by name: those that were set, and defaults for the others. */
export type AttributeValues = ReadonlyMap<string, string>;

export type DeduplicationScope = 'queue' | 'messageGroup';

/** The attributes, parsed. Times are in milliseconds. */
export interface QueueSettings {
  readonly visibilityTimeout: number;
  readonly retention: number;
  readonly delay: number;
  readonly receiveWait: number;
  /** In bytes. */
  readonly maximumMessageSize: number;
  /** The queue policy, as JSON. */
  readonly policy?: string;
  readonly redrive?: RedrivePolicy;
  readonly redriveAllow: RedriveAllowPolicy;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationScope: DeduplicationScope;
  /** Whether the FIFO throughput limit applies per partition rather than per queue. */
  readonly highThroughput: boolean;
  /** The KMS key that encrypts message bodies. */
  readonly key?: QueueKey;
}

type Check = (value: string, limits: SqsLimits) => string | undefined;

interface Definition {
  readonly fallback?: string;
  readonly fifoOnly?: true;
  /** Whether the empty string removes it. */
  readonly clearable?: true;
  /** Whether values are compared as JSON. */
  readonly json?: true;
  /** Throws, and names what is allowed, if the value is invalid. */
  readonly check: Check;
  /** Converts a valid value to the form in which SQS returns it; if absent, SQS returns values as they were set. */
  readonly normal?: (value: string, limits: SqsLimits) => string;
}

const number =
  (from: (limits: SqsLimits) => number, to: (limits: SqsLimits) => number): Check =>
  (value, limits) => {
    const [least, most] = [from(limits), to(limits)];
    const fine = /^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most;
    return fine ? undefined : `Must be a whole number from ${least} to ${most}, got "${value}".`;
  };
const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value) ? undefined : `Must be ${allowed.join(' or ')}, got "${value}".`;
const constant = (value: number) => () => value;

/** True or false, in any case. */
const boolean = {
  check: (value: string) => (/^(true|false)$/i.test(value) ? undefined : `Must be true or false, got "${value}".`),
  normal: (value: string) => value.toLowerCase(),
};
const seconds =
  (name: 'visibility' | 'delay' | 'wait' | 'retentionMinimum' | 'retentionMaximum') => (limits: SqsLimits) =>
    limits[name] / SECOND;

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  VisibilityTimeout: { fallback: '30', check: number(constant(0), seconds('visibility')) },
  MessageRetentionPeriod: {
    fallback: '345600',
    check: number(seconds('retentionMinimum'), seconds('retentionMaximum')),
  },
  DelaySeconds: { fallback: '0', check: number(constant(0), seconds('delay')) },
  ReceiveMessageWaitTimeSeconds: { fallback: '0', check: number(constant(0), seconds('wait')) },
  MaximumMessageSize: { fallback: '1048576', check: number(constant(1_024), (limits) => limits.messageSize) },
  Policy: { clearable: true, json: true, check: checkPolicy },
  RedrivePolicy: { clearable: true, json: true, check: (value, limits) => void parseRedrivePolicy(value, limits) },
  RedriveAllowPolicy: {
    clearable: true,
    json: true,
    check: (value, limits) => void parseRedriveAllowPolicy(value, limits),
    normal: (value, limits) => writeRedriveAllowPolicy(parseRedriveAllowPolicy(value, limits)),
  },
  KmsMasterKeyId: {
    clearable: true,
    check: (value) => (value.length <= 2_048 ? undefined : 'Must be a key id, ARN or alias.'),
  },
  KmsDataKeyReusePeriodSeconds: { check: number(constant(60), constant(86_400)) },
  SqsManagedSseEnabled: { fallback: 'true', ...boolean },
  FifoQueue: { fifoOnly: true, ...boolean },
  ContentBasedDeduplication: { fifoOnly: true, fallback: 'false', ...boolean },
  DeduplicationScope: { fifoOnly: true, fallback: 'queue', check: oneOf('queue', 'messageGroup') },
  FifoThroughputLimit: { fifoOnly: true, fallback: 'perQueue', check: oneOf('perQueue', 'perMessageGroupId') },
};

/** The attributes that SQS maintains itself. */
export const READ_ONLY_ATTRIBUTES: ReadonlySet<string> = new Set([
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
]);

export function isAttribute(name: string): boolean {
  return Object.hasOwn(DEFINITIONS, name) || READ_ONLY_ATTRIBUTES.has(name);
}

/** The attributes of a new queue before any are set. */
export function defaultAttributes(fifo: boolean): AttributeValues {
  const values = new Map<string, string>();
  for (const [name, { fallback, fifoOnly }] of Object.entries(DEFINITIONS)) {
    if (fallback !== undefined && (fifo || !fifoOnly)) values.set(name, fallback);
  }
  if (fifo) values.set('FifoQueue', 'true');
  return values;
}

/** Returns `current` with `changes`, after validating all of them. */
export function withAttributes(
  current: AttributeValues,
  changes: Readonly<Record<string, string>>,
  fifo: boolean,
  limits: SqsLimits,
): AttributeValues {
  const values = new Map(current);
  for (const [name, value] of Object.entries(changes)) {
    const definition = Object.hasOwn(DEFINITIONS, name) ? DEFINITIONS[name] : undefined;
    if (definition === undefined) throw unknownAttribute(name);
    if (definition.fifoOnly && !fifo) throw notForStandard(name);
    if (value === '' && definition.clearable) {
      values.delete(name);
      continue;
    }
    const reason = definition.check(value, limits);
    if (reason !== undefined) throw invalidAttributeValue(name, reason);
    values.set(name, definition.normal?.(value, limits) ?? value);
  }
  if (changes.FifoQueue !== undefined && values.get('FifoQueue') !== 'true') {
    throw invalidAttributeValue('FifoQueue', 'Modifying queue type is not supported.');
  }
  if (
    values.get('FifoThroughputLimit') === 'perMessageGroupId' &&
    values.get('DeduplicationScope') !== 'messageGroup'
  ) {
    throw invalidAttributeValue(
      'FifoThroughputLimit',
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    );
  }
  chooseEncryption(values, changes);
  return values;
}

/** Parses attributes. */
export function settingsOf(values: AttributeValues, limits: SqsLimits): QueueSettings {
  const count = (name: string) => Number(values.get(name));
  const redrive = values.get('RedrivePolicy');
  const redriveAllow = values.get('RedriveAllowPolicy');
  const keyId = values.get('KmsMasterKeyId');
  return {
    visibilityTimeout: count('VisibilityTimeout') * SECOND,
    retention: count('MessageRetentionPeriod') * SECOND,
    delay: count('DelaySeconds') * SECOND,
    receiveWait: count('ReceiveMessageWaitTimeSeconds') * SECOND,
    maximumMessageSize: count('MaximumMessageSize'),
    policy: values.get('Policy'),
    redrive: redrive === undefined ? undefined : parseRedrivePolicy(redrive, limits),
    redriveAllow: redriveAllow === undefined ? ALLOW_ALL : parseRedriveAllowPolicy(redriveAllow, limits),
    contentBasedDeduplication: values.get('ContentBasedDeduplication') === 'true',
    deduplicationScope: values.get('DeduplicationScope') === 'messageGroup' ? 'messageGroup' : 'queue',
    highThroughput: values.get('FifoThroughputLimit') === 'perMessageGroupId',
    key: keyId === undefined ? undefined : { keyId, reuse: count('KmsDataKeyReusePeriodSeconds') * SECOND },
  };
}

/** The first of the valid attributes `supplied` whose value differs from the current one. */
export function differingAttribute(
  current: AttributeValues,
  supplied: Readonly<Record<string, string>>,
  limits: SqsLimits,
): string | undefined {
  return Object.entries(supplied).find(([name, value]) => {
    const normal = value === '' ? value : (DEFINITIONS[name].normal?.(value, limits) ?? value);
    return !sameValue(name, current.get(name) ?? '', normal);
  })?.[0];
}

/** Whether a new queue's attributes ask for a FIFO queue. */
export function asksForFifo({ FifoQueue = 'false' }: Readonly<Record<string, string>>): boolean {
  return FifoQueue.toLowerCase() === 'true';
}

function sameValue(name: string, one: string, other: string): boolean {
  if (one === other) return true;
  if (!DEFINITIONS[name]?.json || one === '' || other === '') return false;
  return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}

function notForStandard(name: string) {
  if (name === 'DeduplicationScope' || name === 'FifoThroughputLimit') {
    return invalidAttributeName(`You can specify the ${name} only when FifoQueue is set to true.`);
  }
  return unknownAttribute(name);
}

// A queue has one kind of server-side encryption: choosing one removes the other, and asking for both is an error.
function chooseEncryption(values: Map<string, string>, changes: Readonly<Record<string, string>>): void {
  const { KmsMasterKeyId: key = '' } = changes;
  const managed = changes.SqsManagedSseEnabled?.toLowerCase();
  if (key !== '' && managed === 'true') {
    throw invalidAttributeName(
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    );
  }
  if (key !== '') {
    values.set('SqsManagedSseEnabled', 'false');
    if (!values.has('KmsDataKeyReusePeriodSeconds')) values.set('KmsDataKeyReusePeriodSeconds', '300');
  } else if (managed === 'true') {
    values.delete('KmsMasterKeyId');
    values.delete('KmsDataKeyReusePeriodSeconds');
  }
}

// Statements, conditions and their values: a meaningful policy has six levels.
const DEEPEST_POLICY = 32;

function checkPolicy(value: string, limits: SqsLimits): string | undefined {
  if (Buffer.byteLength(value) > limits.policySize) return `Policy must not exceed ${limits.policySize} bytes.`;
  try {
    const policy: unknown = JSON.parse(value);
    if (isNestedDeeper(policy, DEEPEST_POLICY))
      return `Policy must not be nested deeper than ${DEEPEST_POLICY} levels.`;
    if (typeof policy === 'object' && policy !== null && !Array.isArray(policy)) {
      checkPolicySize(policy as Record<string, unknown>, limits);
      return undefined;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Reported below, like any other text that is not a policy.
  }
  return 'Policy must be a JSON object.';
}
