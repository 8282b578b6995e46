import { BlockList, isIP } from 'node:net';
import { malformed } from './malformed';
import { type AccessRequest, constantOf, readerOf } from './request';
import { compileText, hasVariables, type Text } from './variables';
import { arnMatches, wildcardMatches } from './wildcards';

/** Whether a request satisfies a statement's Condition. */
export type Condition = (request: AccessRequest) => boolean;

/** Whether a request's value matches one of a policy's values. */
type Comparison = (wanted: string, given: string) => boolean;

interface Operator {
  readonly compare: Comparison;
  /** Whether the operator is true if the comparison is not. */
  readonly negated?: true;
  /** Returns what a value must be, if it is not that. */
  readonly check?: (value: string) => string | undefined;
}

const isNumber = (value: string) => (Number.isNaN(Number(value)) || value === '' ? 'a number' : undefined);
const isDate = (value: string) => (Number.isNaN(instant(value)) ? 'a date' : undefined);
const isBool = (value: string) => (/^(true|false)$/i.test(value) ? undefined : '"true" or "false"');
const isRange = (value: string) => (rangeOf(value) === undefined ? 'an IP address or CIDR range' : undefined);

const equal: Comparison = (wanted, given) => wanted === given;
const equalButForCase: Comparison = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();
const numeric =
  (holds: (given: number, wanted: number) => boolean): Comparison =>
  (wanted, given) =>
    holds(Number(given), Number(wanted));
const dated =
  (holds: (given: number, wanted: number) => boolean): Comparison =>
  (wanted, given) =>
    holds(instant(given), instant(wanted));
const inRange: Comparison = (wanted, given) => {
  const family = isIP(given) === 6 ? 'ipv6' : 'ipv4';
  return isIP(given) !== 0 && rangeOf(wanted)?.check(given, family) === true;
};

const isEqual = (given: number, wanted: number) => given === wanted;
const isLess = (given: number, wanted: number) => given < wanted;
const isLessOrEqual = (given: number, wanted: number) => given <= wanted;
const isGreater = (given: number, wanted: number) => given > wanted;
const isGreaterOrEqual = (given: number, wanted: number) => given >= wanted;

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { compare: equal },
  StringNotEquals: { compare: equal, negated: true },
  StringEqualsIgnoreCase: { compare: equalButForCase },
  StringNotEqualsIgnoreCase: { compare: equalButForCase, negated: true },
  StringLike: { compare: wildcardMatches },
  StringNotLike: { compare: wildcardMatches, negated: true },
  NumericEquals: { compare: numeric(isEqual), check: isNumber },
  NumericNotEquals: { compare: numeric(isEqual), check: isNumber, negated: true },
  NumericLessThan: { compare: numeric(isLess), check: isNumber },
  NumericLessThanEquals: { compare: numeric(isLessOrEqual), check: isNumber },
  NumericGreaterThan: { compare: numeric(isGreater), check: isNumber },
  NumericGreaterThanEquals: { compare: numeric(isGreaterOrEqual), check: isNumber },
  DateEquals: { compare: dated(isEqual), check: isDate },
  DateNotEquals: { compare: dated(isEqual), check: isDate, negated: true },
  DateLessThan: { compare: dated(isLess), check: isDate },
  DateLessThanEquals: { compare: dated(isLessOrEqual), check: isDate },
  DateGreaterThan: { compare: dated(isGreater), check: isDate },
  DateGreaterThanEquals: { compare: dated(isGreaterOrEqual), check: isDate },
  Bool: { compare: equalButForCase, check: isBool },
  BinaryEquals: { compare: equal },
  IpAddress: { compare: inRange, check: isRange },
  NotIpAddress: { compare: inRange, check: isRange, negated: true },
  // AWS documents the two as identical: both take wildcards.
  ArnEquals: { compare: arnMatches },
  ArnLike: { compare: arnMatches },
  ArnNotEquals: { compare: arnMatches, negated: true },
  ArnNotLike: { compare: arnMatches, negated: true },
};

const SPELLING = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/**
 * A condition that no request meets. The most common statement denies requests without TLS; here every request counts
 * as TLS.
 */
const NEVER: Condition = () => false;

/**
 * Compiles a statement's Condition: all operators and keys must match. Returns undefined if no request can ever match.
 */
export function readCondition(value: unknown, where: string, variables: boolean): Condition | undefined {
  const tests: Condition[] = [];
  for (const [spelling, keys] of Object.entries(mapOf(value, where))) {
    for (const [key, values] of Object.entries(mapOf(keys, `${where}.${spelling}`))) {
      tests.push(readTest(spelling, key, values, `${where}.${spelling}`, variables));
    }
  }
  return tests.includes(NEVER) ? undefined : (request) => tests.every((test) => test(request));
}

function readTest(spelling: string, key: string, values: unknown, where: string, variables: boolean): Condition {
  const wanted = valuesOf(values, `${where}.${key}`);
  if (spelling === 'Null') return nullTest(key, wanted, where);
  const [, set, name = '', ifExists] = SPELLING.exec(spelling) ?? [];
  if (!Object.hasOwn(OPERATORS, name)) throw malformed(`${where} is not a condition operator`);
  const { compare, negated, check } = OPERATORS[name];
  for (const value of wanted) {
    const must = value.includes('${') ? undefined : check?.(value);
    if (must !== undefined) throw malformed(`${where}.${key} must be ${must}, but was ${JSON.stringify(value)}`);
  }
  const texts: readonly Text[] = wanted.map((value) => compileText(value, variables));
  // A key without values: ForAllValues is true, ForAnyValue is false, and a missing value differs from every value.
  const absent = ifExists !== undefined || set === 'ForAllValues' || (negated === true && set === undefined);
  const read = readerOf(key);
  const test: Condition = (request) => {
    const given = read(request);
    if (given === undefined) return absent;
    // Every key here has a single value, so ForAllValues and ForAnyValue agree.
    return texts.some((text) => compare(text(request), given)) !== (negated === true);
  };
  const constant = constantOf(key);
  if (constant === undefined || wanted.some((value) => hasVariables(value, variables))) return test;
  return wanted.some((value) => compare(value, constant)) === (negated === true) ? NEVER : test;
}

/** `Null` tests whether the key is absent. */
function nullTest(key: string, wanted: readonly string[], where: string): Condition {
  for (const value of wanted)
    if (isBool(value) !== undefined) throw malformed(`${where}.${key} must be ${isBool(value)}`);
  const read = readerOf(key);
  return (request) => wanted.some((value) => (value.toLowerCase() === 'true') === (read(request) === undefined));
}

function mapOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed(`${where} must be a map`);
}

function valuesOf(value: unknown, where: string): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return String(item);
    throw malformed(`${where} must be a string, a number, a boolean, or a list of these`);
  });
}

const DATE = /^\d{4}(?:-\d\d(?:-\d\d(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** Parses an ISO 8601 date or a count of seconds since the epoch. Returns milliseconds. */
function instant(text: string): number {
  if (/^\d{5,}$/.test(text)) return Number(text) * 1_000;
  const [date, time, zone] = DATE.exec(text) ?? [''];
  // Without a zone the date is UTC, not in the machine's zone.
  return Date.parse(time !== undefined && zone === undefined ? `${date}Z` : date);
}

const ranges = new Map<string, BlockList | undefined>();
const MOST_RANGES = 1_000;

function rangeOf(text: string): BlockList | undefined {
  if (ranges.has(text)) return ranges.get(text);
  if (ranges.size >= MOST_RANGES) ranges.clear();
  const range = parseRange(text);
  ranges.set(text, range);
  return range;
}

function parseRange(text: string): BlockList | undefined {
  const [address, bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return undefined;
  const longest = version === 6 ? 128 : 32;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= longest)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, bits === undefined ? longest : Number(bits), version === 6 ? 'ipv6' : 'ipv4');
  return list;
}
