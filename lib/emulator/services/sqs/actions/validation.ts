import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { SECOND } from '../../../clock';
import { invalidParameterValue, invalidValue, missingParameter } from '../errors';
import type { SqsLimits } from '../limits';
import { isForbidden } from './text';

/** Returns a required parameter. Throws MissingParameter if it is absent. */
export function required<T>(value: T | undefined | null, parameter: string): T {
  if (value === undefined || value === null || value === '') throw missingParameter(parameter);
  return value;
}

/** Returns a required map. Throws if it is empty: the Query protocol does not distinguish an empty map from none. */
export function requiredMap<T extends object>(map: T | undefined, parameter: string): T {
  if (map === undefined || Object.keys(map).length === 0) throw missingParameter(parameter);
  return map;
}

/** Converts seconds to milliseconds. Throws if the value is not a whole number from 0 to `most`. */
export function seconds(value: number, parameter: string, most: number, reason: string): number {
  if (!Number.isInteger(value) || value < 0 || value * SECOND > most) throw invalidValue(parameter, value, reason);
  return value * SECOND;
}

export function visibility(value: number, limits: SqsLimits): number {
  const most = limits.visibility;
  return seconds(value, 'VisibilityTimeout', most, `Must be between 0 and ${most / SECOND}, if provided.`);
}

const ID = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

/** Validates a message group id, a deduplication id or a receive request attempt id. */
export function checkId(value: string, parameter: string): void {
  if (ID.test(value)) return;
  throw invalidValue(
    parameter,
    value,
    `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

// AWS documents ASCII letters and digits only, but was recorded to accept other alphabets.
const ATTRIBUTE_NAME = /^[\p{L}\p{N}_.-]+$/u;
const RESERVED_NAME = /^(aws|amazon)\.|^\.|\.$|\.\./i;
const ATTRIBUTE_TYPE = /^(String|Number|Binary)(\..+)?$/s;
const NUMBER = /^[+-]?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const LONGEST_NAME = 256;
const MOST_DIGITS = 38;

/** Validates message attributes, and returns them as they are stored. */
export function checkAttributes(
  attributes: Readonly<Record<string, MessageAttributeValue>>,
  limits: SqsLimits,
): Record<string, MessageAttributeValue> {
  const names = Object.keys(attributes);
  if (names.length > limits.messageAttributes) {
    throw invalidParameterValue(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${limits.messageAttributes}].`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, checkAttribute(name, attributes[name])]));
}

function checkAttribute(name: string, attribute: MessageAttributeValue): MessageAttributeValue {
  const { DataType: type = '', StringValue: text, BinaryValue: bytes } = attribute;
  if (name.length > LONGEST_NAME) {
    throw invalidParameterValue(`Message (user) attribute names must be at most ${LONGEST_NAME} characters long.`);
  }
  if (!ATTRIBUTE_NAME.test(name)) {
    throw invalidParameterValue(
      `Message (user) attribute name '${name}' can only contain upper and lower case letters, digits, periods, hyphens and underscores.`,
    );
  }
  if (RESERVED_NAME.test(name)) {
    throw invalidParameterValue(
      `Message (user) attribute name '${name}' is not allowed: names can't begin with 'AWS.' or 'Amazon.', and can't start or end with '.' or have two in a row.`,
    );
  }
  if (type === '' && text === undefined && bytes === undefined) {
    throw invalidParameterValue(
      `The message (user) attribute '${name}' must contain a non-empty message attribute value.`,
    );
  }
  if (type === '') {
    throw invalidParameterValue(`The message attribute '${name}' must contain non-empty message attribute type.`);
  }
  if (type.length > LONGEST_NAME || !ATTRIBUTE_TYPE.test(type)) {
    throw invalidParameterValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  if (type.startsWith('Binary')) {
    if (bytes === undefined || bytes.length === 0) throw emptyAttribute(name, 'Binary');
    return { DataType: type, BinaryValue: bytes };
  }
  const kind = type.startsWith('Number') ? 'Number' : 'String';
  if (text === undefined || text === '') throw emptyAttribute(name, kind);
  checkAttributeText(name, text);
  return { DataType: type, StringValue: kind === 'Number' ? trimmedNumber(name, text) : text };
}

/** Throws InvalidParameterValue if an attribute's value contains a character that SQS rejects. */
export function checkAttributeText(name: string, text: string): void {
  if (isForbidden(text)) {
    throw invalidParameterValue(`Invalid characters found in the value of message (user) attribute '${name}'.`);
  }
}

function emptyAttribute(name: string, kind: string) {
  return invalidParameterValue(`Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`);
}

/** A number without insignificant zeros. */
function trimmedNumber(name: string, text: string): string {
  const match = NUMBER.exec(text);
  if (match === null)
    throw invalidParameterValue(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  const [, whole, fraction = '', exponent] = match;
  const digits = withoutTrailingZeros((whole + fraction).replace(/^0+/, ''));
  if (digits === '') return '0';
  const leadingAt = whole.length - 1 - (whole + fraction).search(/[1-9]/) + Number(exponent ?? 0);
  if (digits.length > MOST_DIGITS || leadingAt < -128 || leadingAt > 126) {
    throw invalidParameterValue(
      `The value of message (user) attribute '${name}' must have at most ${MOST_DIGITS} digits and lie between 10^-128 and 10^+126.`,
    );
  }
  const sign = text.startsWith('-') ? '-' : '';
  const trimmedFraction = withoutTrailingZeros(fraction);
  const point = trimmedFraction === '' ? '' : `.${trimmedFraction}`;
  return `${sign}${whole.replace(/^0+(?=\d)/, '')}${point}${exponent === undefined ? '' : `e${exponent}`}`;
}

/** In one pass: a regular expression for trailing zeros would retry at each zero, in quadratic time. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/** The number of bytes that attributes add to a message's size: their names, types and values. */
export function sizeOfAttributes(attributes: Readonly<Record<string, MessageAttributeValue>>): number {
  let size = 0;
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType);
    size += BinaryValue?.length ?? Buffer.byteLength(StringValue);
  }
  return size;
}

const QUEUE_NAME = /^[A-Za-z0-9_-]{1,80}$/;
const FIFO_SUFFIX = '.fifo';

export function isFifoName(name: string): boolean {
  return name.endsWith(FIFO_SUFFIX);
}

/** Throws if a queue's name is invalid, or does not match its type. */
export function checkQueueName(name: string, fifo: boolean): void {
  const plain = fifo && isFifoName(name) ? name.slice(0, -FIFO_SUFFIX.length) : name;
  if (QUEUE_NAME.test(plain) && name.length <= 80 && isFifoName(name) === fifo) return;
  throw invalidParameterValue(
    fifo
      ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
      : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
  );
}

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export function checkTag(key: string, value: string): void {
  if (key.length < 1 || key.length > 128 || !TAG_TEXT.test(key)) {
    throw invalidParameterValue(
      `Tag key '${key}' is invalid: it must have 1 to 128 letters, digits, spaces or _.:/=+-@.`,
    );
  }
  if (/^aws:/i.test(key)) {
    throw invalidParameterValue(`Tag key '${key}' is invalid: keys that begin with 'aws:' are reserved.`);
  }
  if (value.length > 256 || !TAG_TEXT.test(value)) {
    throw invalidParameterValue(
      `Value '${value}' of tag '${key}' is invalid: it must have at most 256 letters, digits, spaces or _.:/=+-@.`,
    );
  }
}
