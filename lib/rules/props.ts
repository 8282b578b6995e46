import { Token } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { isAcknowledgedIn } from './acknowledged';
import { RuleError } from './rule';

/** What a property's value must be. TypeScript checks it as well; JavaScript, casts and `any` don't. */
export interface PropType {
  /** How messages name it: `a Duration, such as Duration.seconds(30)`. */
  readonly wanted: string;
  /** Whether a value is of the type. */
  readonly fits: (value: unknown) => boolean;
  /** Whether the property must be given. */
  readonly required?: true;
  /** What of a value that fits has a type of its own. */
  readonly parts?: (value: unknown) => readonly Part[];
  /** How a value that fits must be instead, since it is a token that would have to be computed with. */
  readonly mustBe?: (value: unknown) => string | undefined;
}

/** A part of a value: a member, an item. */
export interface Part {
  /** How its name goes on from the name of the whole: `.key`, `[0]`. */
  readonly suffix: string;
  /** Its value. */
  readonly value: unknown;
  /** What it must be; undefined if there is no such part. */
  readonly type?: PropType;
  /** The names that are allowed in its place. */
  readonly allowed?: readonly string[];
}

/** The types of all properties. */
export type Shape<Props> = { readonly [Name in keyof Required<Props>]: PropType };

/**
 * Checks that properties are what their types say, before anything is read from them.
 *
 * @param owner the class, as messages name it
 * @throws RuleError naming each property that is unknown, missing, of another type, or a token that can't be used
 */
export function checkProps<Props extends object>(
  scope: IConstruct,
  owner: string,
  props: Props,
  shape: Shape<Props>,
): void {
  checkValue(scope, `props of ${owner}`, props, struct(shape, `an object with properties of ${owner}`), '');
}

/** Checks one value: what is passed as a parameter. */
export function checkValue(scope: IConstruct, name: string, value: unknown, type: PropType, root = name): void {
  const faults = [...faultsOf(name, value, type, root)].filter(({ id }) => !isAcknowledgedIn(scope, id));
  if (faults.length === 0) return;
  throw new RuleError(
    scope,
    faults.map(({ id, text }) => `${text} [${id}]`),
  );
}

/** An object with the properties of a shape, and no others. */
export function struct<Props extends object>(shape: Shape<Props>, wanted = 'an object'): PropType {
  const types = shape as Readonly<Record<string, PropType>>;
  const allowed = Object.keys(types);
  return {
    wanted,
    fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    parts: (value) => {
      const given = value as Readonly<Record<string, unknown>>;
      const unknown = Object.keys(given).filter((name) => !(name in types) && given[name] !== undefined);
      return [
        ...allowed.map((name) => ({ suffix: `.${name}`, value: given[name], type: types[name] })),
        ...unknown.map((name) => ({ suffix: `.${name}`, value: given[name], allowed })),
      ];
    },
  };
}

interface Fault {
  readonly id: string;
  readonly text: string;
}

function* faultsOf(name: string, value: unknown, type: PropType, path: string): Iterable<Fault> {
  if (!type.fits(value)) {
    yield { id: 'Spillway-Props-TypeInvalid', text: `${name} must be ${type.wanted}, but was ${shown(value)}` };
    return;
  }
  const mustBe = type.mustBe?.(value);
  if (mustBe !== undefined) {
    const text = `${name} must be ${mustBe}, but was a value that is known only at deployment`;
    yield { id: 'Spillway-Props-ValueUnknown', text };
    return;
  }
  if (Token.isUnresolved(value)) return;
  for (const { suffix, value: part, type: partType, allowed } of type.parts?.(value) ?? []) {
    const partName = path === '' ? suffix.slice(1) : `${path}${suffix}`;
    if (partType === undefined) {
      const text = `${partName} is not a property of ${name.replace('props of ', '')}: it must be one of ${allowed?.join(', ')}`;
      yield { id: 'Spillway-Props-Unknown', text };
    } else if (part !== undefined || partType.required) {
      yield* faultsOf(partName, part, partType, partName);
    }
  }
}

const LONGEST = 60;

/** A value as messages show it. */
function shown(value: unknown): string {
  if (value === undefined) return 'not given';
  if (typeof value === 'string') return `'${shortened(value)}'`;
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value !== 'object' || value === null) return `${value as number | bigint | boolean | null}`;
  const { constructor } = value;
  if (Array.isArray(value) || constructor === Object) return shortened(json(value));
  const { name } = constructor;
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

function json(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object'; // constructs refer to themselves
  }
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
