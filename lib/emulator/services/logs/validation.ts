import { ModelConstraints } from '../../core';
import { invalidParameter } from './errors';
import { LIMITS, RETENTION_DAYS } from './limits';

const LONGEST_NAME = 512;
const GROUP_NAME = '[\\.\\-_/#A-Za-z0-9]+';
const STREAM_NAME = '[^:*]*';

/** Throws unless the members that are given satisfy the API's model. */
export function checkNames(names: {
  readonly logGroupName?: string;
  readonly logStreamName?: string;
  readonly filterName?: string;
}): void {
  const { logGroupName, logStreamName, filterName } = names;
  if ((logGroupName?.length ?? 0) > LONGEST_NAME || (logStreamName?.length ?? 0) > LONGEST_NAME) {
    throw invalidParameter('Invalid LogGroup or LogStream, both must have length less than or equal to 512.');
  }
  new ModelConstraints()
    .length('logGroupName', logGroupName, 1, LONGEST_NAME)
    .pattern('logGroupName', logGroupName, GROUP_NAME)
    .length('logStreamName', logStreamName, 1, LONGEST_NAME)
    .pattern('logStreamName', logStreamName, STREAM_NAME)
    .length('filterName', filterName, 1, LONGEST_NAME)
    .pattern('filterName', filterName, STREAM_NAME)
    .check('InvalidParameterException');
}

export function checkLimit(limit: number | undefined, most: number): void {
  new ModelConstraints().range('limit', limit, 1, most).check('InvalidParameterException');
}

export function checkRetention(days: number | undefined): void {
  if (days === undefined || RETENTION_DAYS.includes(days)) return;
  new ModelConstraints()
    .oneOf('retentionInDays', String(days), RETENTION_DAYS.map(String))
    .check('InvalidParameterException');
}

/** Merges tags into those that there are: all of them, or none if one is invalid. */
export function addTags(tags: Map<string, string>, added: Readonly<Record<string, string>> = {}): void {
  const constraints = new ModelConstraints();
  for (const [key, value] of Object.entries(added)) {
    constraints.length('tags', key, 1, 128).length('tags', value, 0, 256);
    if (/^aws:/i.test(key)) throw invalidParameter('Tag keys that start with aws: are reserved.');
  }
  constraints.check('InvalidParameterException');
  if (new Set([...tags.keys(), ...Object.keys(added)]).size > LIMITS.tags) {
    throw invalidParameter(`A log group can have at most ${LIMITS.tags} tags.`);
  }
  for (const [key, value] of Object.entries(added)) tags.set(key, value);
}
