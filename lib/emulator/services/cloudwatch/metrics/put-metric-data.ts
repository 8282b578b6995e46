import type { MetricDatum as PutDatum, PutMetricDataInput, StatisticSet } from '@aws-sdk/client-cloudwatch';
import type { MetricDatum } from '../../../core';
import { DAY, HOUR } from '../../../clock';
import { readDimensions } from './dimensions';
import { constraint, invalidParameterCombination, invalidParameterValue, missingParameter } from '../errors';
import { unknownUnit } from './units';

/** A validated datum of PutMetricData. */
export interface CheckedDatum {
  readonly datum: MetricDatum;
  readonly highResolution: boolean;
  /** Each value and its count, if single values are known. */
  readonly values?: ReadonlyMap<number, number>;
}

const MOST_DATA = 1_000;
/** Maximum number of different values in a datum. */
const MOST_VALUES = 150;
const OLDEST = 14 * DAY;
const NEWEST = 2 * HOUR;
const LARGEST = 2 ** 360;

/** Validates all data before any is stored. */
export function checkMetricData(input: PutMetricDataInput, now: number): CheckedDatum[] {
  const { Namespace, MetricData } = input;
  if (Namespace === undefined || Namespace === '') throw missingParameter('Namespace');
  if (Namespace.startsWith('AWS/') || !/^[^:\s][^:]{0,254}$/.test(Namespace)) {
    throw invalidParameterValue(`The value ${Namespace} for parameter Namespace is invalid.`);
  }
  if (input.EntityMetricData !== undefined)
    throw invalidParameterValue('The parameter EntityMetricData is not supported.');
  if (MetricData === undefined || MetricData.length === 0) throw missingParameter('MetricData');
  if (MetricData.length > MOST_DATA) {
    throw invalidParameterValue(`The collection MetricData must not have a size greater than ${MOST_DATA}.`);
  }
  return MetricData.flatMap((datum, index) => checkDatum(Namespace, datum, `MetricData.member.${index + 1}`, now));
}

/** A datum may have both values and a statistic set, and both count. */
function checkDatum(namespace: string, given: PutDatum, at: string, now: number): CheckedDatum[] {
  if (given.MetricName === undefined || given.MetricName === '') throw missingParameter(`${at}.MetricName`);
  if (given.MetricName.length > 255)
    throw constraint(given.MetricName, `${at}.MetricName`, 'Member must have length less than or equal to 255');
  const timestamp = given.Timestamp?.getTime() ?? now;
  if (!(timestamp >= now - OLDEST && timestamp <= now + NEWEST)) {
    throw invalidParameterValue(
      `The parameter ${at}.Timestamp must specify a time no more than two weeks in the past and two hours in the future.`,
    );
  }
  const resolution = given.StorageResolution ?? 60;
  if (resolution !== 1 && resolution !== 60) {
    throw invalidParameterValue(
      `The value ${resolution} for parameter ${at}.StorageResolution is invalid: 1 and 60 are allowed.`,
    );
  }
  const unit = given.Unit ?? 'None';
  const badUnit = unknownUnit(unit);
  if (badUnit !== undefined) throw constraint(unit, `${at}.Unit`, badUnit);
  const identity = {
    namespace,
    name: given.MetricName,
    dimensions: readDimensions(given.Dimensions, `${at}.Dimensions`),
    unit,
    timestamp,
  };
  return readValues(given, at, identity).map((read) => ({ ...read, highResolution: resolution === 1 }));
}

type Identity = Pick<MetricDatum, 'namespace' | 'name' | 'dimensions' | 'unit' | 'timestamp'>;

function readValues(given: PutDatum, at: string, identity: Identity): Omit<CheckedDatum, 'highResolution'>[] {
  const { Value, StatisticValues, Values, Counts } = given;
  if (Value !== undefined && (StatisticValues ?? Values) !== undefined) {
    const other = StatisticValues === undefined ? 'Values' : 'StatisticValues';
    throw invalidParameterCombination(
      `The parameters ${at}.Value and ${at}.${other} are mutually exclusive and you have specified both.`,
    );
  }
  const read: Omit<CheckedDatum, 'highResolution'>[] = [];
  if (StatisticValues !== undefined) read.push(ofSummary(identity, StatisticValues, `${at}.StatisticValues`));
  if (Values !== undefined) read.push(ofValues(identity, Values, Counts, at, 'Values'));
  if (Value !== undefined) read.push(ofValues(identity, [Value], Counts, at, 'Value'));
  if (read.length === 0) throw missingParameter(`${at}.Value`);
  return read;
}

function ofSummary(identity: Identity, given: StatisticSet, at: string): Omit<CheckedDatum, 'highResolution'> {
  const sampleCount = checkNumber(given.SampleCount, `${at}.SampleCount`);
  const sum = checkNumber(given.Sum, `${at}.Sum`);
  const minimum = checkNumber(given.Minimum, `${at}.Minimum`);
  const maximum = checkNumber(given.Maximum, `${at}.Maximum`);
  if (sampleCount <= 0)
    throw invalidParameterValue(`The value ${sampleCount} for parameter ${at}.SampleCount is invalid.`);
  if (minimum > maximum)
    throw invalidParameterCombination(
      `The parameters ${at}.Minimum and Maximum contradict: ${minimum} is greater than ${maximum}.`,
    );
  return { datum: { ...identity, sampleCount, sum, minimum, maximum } };
}

function ofValues(
  identity: Identity,
  list: readonly number[],
  counts: readonly number[] | undefined,
  at: string,
  member: string,
): Omit<CheckedDatum, 'highResolution'> {
  if (list.length === 0 || list.length > MOST_VALUES) {
    throw invalidParameterValue(`The parameter ${at}.Values must have 1 to ${MOST_VALUES} values, got ${list.length}.`);
  }
  if (counts !== undefined && counts.length !== list.length) {
    throw invalidParameterValue(`The parameters ${at}.Values and ${at}.Counts must be of the same size.`);
  }
  const values = new Map<number, number>();
  let sampleCount = 0;
  let sum = 0;
  for (const [index, value] of list.entries()) {
    checkNumber(value, `${at}.${member}`);
    const count = counts === undefined ? 1 : checkNumber(counts[index], `${at}.Counts`);
    if (count <= 0) throw invalidParameterValue(`The value ${count} for parameter ${at}.Counts is invalid.`);
    values.set(value, (values.get(value) ?? 0) + count);
    sampleCount += count;
    sum += value * count;
  }
  return { datum: { ...identity, sampleCount, sum, minimum: Math.min(...list), maximum: Math.max(...list) }, values };
}

function checkNumber(value: number | undefined, name: string): number {
  if (value === undefined) throw missingParameter(name);
  if (!(Math.abs(value) <= LARGEST))
    throw invalidParameterValue(`The value ${value} for parameter ${name} is invalid.`);
  return value;
}
