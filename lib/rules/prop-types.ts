import { type Duration, RemovalPolicy, type Size, Token } from 'aws-cdk-lib/core';
import { type PropType } from './props';

const scalar = (wanted: string, type: 'string' | 'number' | 'boolean'): PropType => ({
  wanted,
  fits: (value) => typeof value === type || Token.isUnresolved(value),
});

/** A text. */
export const TEXT = scalar('a string', 'string');
/** A number. */
export const NUMBER = scalar('a number', 'number');
/** True or false. */
export const FLAG = scalar('a boolean', 'boolean');

/** A length of time, with an example for messages. A token must be in seconds, or no unit can be made of another. */
export const duration = (example = 'Duration.seconds(30)'): PropType => {
  const unit = /\.(\w+)\(/.exec(example)?.[1] === 'hours' ? 'hours' : 'seconds';
  return {
    wanted: `a Duration, such as ${example}`,
    fits: (value) => has(value, 'toSeconds', 'isUnresolved'),
    mustBe: (value) => {
      const length = value as Duration;
      const convert = () => (unit === 'hours' ? length.toHours() : length.toSeconds());
      return length.isUnresolved() && !succeeds(convert) ? `in ${unit} (Duration.${unit})` : undefined;
    },
  };
};

/** An amount of data. */
export const SIZE: PropType = {
  wanted: 'a Size, such as Size.kibibytes(256)',
  fits: (value) => has(value, 'toKibibytes', 'isUnresolved'),
  mustBe: (value) => {
    const size = value as Size;
    return size.isUnresolved() && !succeeds(() => size.toBytes()) ? 'in bytes (Size.bytes)' : undefined;
  },
};

/** An object that has some members, whatever its class: several copies of a library may be installed. */
export const like = (wanted: string, ...members: readonly string[]): PropType => ({
  wanted,
  fits: (value) => has(value, ...members),
});

/** One of the values of an enumeration. */
export const oneOf = (name: string, enumeration: object): PropType => ({
  wanted: `one of ${name} (${Object.keys(enumeration)
    .map((member) => `${name}.${member}`)
    .join(', ')})`,
  fits: (value) => Object.values(enumeration).includes(value) || Token.isUnresolved(value),
});

/** A list of items of one type. */
export const list = (item: PropType): PropType => ({
  wanted: `a list, each item ${item.wanted}`,
  fits: Array.isArray,
  parts: (value) =>
    (value as unknown[]).map((one, index) => ({ suffix: `[${index}]`, value: one, type: required(item) })),
});

/** An object with members of any names and one type. */
export const map = (item: PropType): PropType => ({
  wanted: `an object, each member ${item.wanted}`,
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  parts: (value) =>
    Object.entries(value as object).map(([name, one]: [string, unknown]) => ({
      suffix: `.${name}`,
      value: one,
      type: item,
    })),
});

/** A property that must be given. */
export const required = (type: PropType): PropType => ({ ...type, required: true });

/** A value that something is computed from at synthesis: no token. */
export const computed = (type: PropType): PropType => ({
  ...type,
  mustBe: (value) => (isToken(value) ? `${type.wanted}, known at synthesis` : undefined),
});

/** Options that CDK takes as they are. */
export const OBJECT = like('an object');

/** A queue of the L2. */
export const QUEUE = like(
  'a queue (IQueue), such as the queue or the deadLetterQueue of a StandardQueue',
  'queueArn',
  'queueUrl',
);
/** A key of the L2. */
export const KEY = like('a key (IKey), such as a QueueKey', 'keyArn', 'keyId');
/** A topic of the L2. */
export const TOPIC = like('a topic (ITopic)', 'topicArn');
/** A network of the L2. */
export const VPC = like('a VPC (IVpc)', 'vpcId');
/** What becomes of a resource. */
export const REMOVAL_POLICY = computed(oneOf('RemovalPolicy', RemovalPolicy));

function isToken(value: unknown): boolean {
  return Token.isUnresolved(value) || (has(value, 'isUnresolved') && (value as Duration).isUnresolved());
}

function has(value: unknown, ...members: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && members.every((member) => member in value);
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
