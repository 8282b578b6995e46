import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { parameterValueInvalid } from '../errors';

/** Message attributes by name. */
export type MessageAttributes = Readonly<Record<string, MessageAttributeValue>>;

const LONGEST_NAME = 256;
const TYPE = /^(String|Number|Binary)(?:\..+)?$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Checks a message's attributes.
 * @throws AwsError InvalidParameterValueException
 */
export function checkMessageAttributes(attributes: MessageAttributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    checkName(name);
    checkValue(name, value);
  }
}

/** The size that counts against a message's limit: names, types and values, in bytes. */
export function sizeOfAttributes(attributes: MessageAttributes): number {
  let size = 0;
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    const value = BinaryValue === undefined ? Buffer.byteLength(StringValue) : BinaryValue.length;
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + value;
  }
  return size;
}

function checkName(name: string): void {
  if (name.length > LONGEST_NAME) {
    throw parameterValueInvalid(`Length of message attribute name must be less than ${LONGEST_NAME} bytes.`);
  }
  const wrong = /[^a-zA-Z0-9_.-]/u.exec(name)?.[0];
  if (wrong !== undefined) {
    const code = (wrong.codePointAt(0) ?? 0).toString(16).toUpperCase();
    throw parameterValueInvalid(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  for (const [where, is] of [
    ['starting', name.startsWith('.')],
    ['ending', name.endsWith('.')],
  ] as const) {
    if (is) throw parameterValueInvalid(`Invalid message attribute name ${where} with character '.' was found.`);
  }
  if (name.includes('..')) throw parameterValueInvalid("Message attribute name can not have successive '.' character.");
}

function checkValue(name: string, { DataType = '', StringValue, BinaryValue }: MessageAttributeValue): void {
  const [, type] = TYPE.exec(DataType) ?? [];
  if (type === undefined) {
    throw parameterValueInvalid(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const binary = type === 'Binary';
  const [value, other] = binary ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  if (value === undefined && other !== undefined && other.length > 0) {
    throw parameterValueInvalid(
      `The message attribute '${name}' with type '${DataType}' must use field '${binary ? 'Binary' : 'String'}'.`,
    );
  }
  if (value === undefined || value.length === 0) {
    throw parameterValueInvalid(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  }
  if (type === 'Number' && !NUMBER.test(StringValue ?? '')) {
    throw parameterValueInvalid(`Could not cast message attribute '${name}' value to number.`);
  }
}
