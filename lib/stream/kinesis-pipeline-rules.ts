import { Token } from 'aws-cdk-lib/core';
import { isOutside, known, knownSeconds, type Rule } from '../rules';
import { type KinesisPipelineProps } from './kinesis-pipeline-props';

const HOUR = 3_600;
const MIN_RETENTION_HOURS = 24;
const MAX_RETENTION_HOURS = 8_760;

/** What can be judged from the props alone. */
export const PIPELINE_RULES: readonly Rule<KinesisPipelineProps>[] = [
  {
    id: 'Spillway-KinesisPipeline-NameInvalid',
    broken: ({ streamName: name }) =>
      name !== undefined && !Token.isUnresolved(name) && !/^[A-Za-z0-9_.-]{1,128}$/.test(name),
    message: ({ streamName }) =>
      `streamName must be 1 to 128 letters, digits, '-', '_' and '.', but was '${streamName}'; Kinesis rejects other names`,
  },
  {
    id: 'Spillway-KinesisPipeline-ShardsInvalid',
    broken: ({ capacity }) => isOutside(known(capacity?._shards), 1, Infinity),
    message: ({ capacity }) =>
      `capacity must be a whole number of shards from 1, but was ${capacity?._shards} shards; Kinesis rejects other values`,
  },
  {
    id: 'Spillway-KinesisPipeline-RetentionOutOfRange',
    broken: ({ retentionPeriod }) => {
      const seconds = knownSeconds(retentionPeriod);
      return isOutside(seconds === undefined ? undefined : seconds / HOUR, MIN_RETENTION_HOURS, MAX_RETENTION_HOURS);
    },
    message: ({ retentionPeriod }) =>
      `retentionPeriod must be between 1 day and 365 days, in whole hours, but was ${retentionPeriod?.toHumanString()}; Kinesis rejects other values`,
  },
];

/** What is known once a consumer has been added, in seconds. */
export interface RetentionFacts {
  /** The consumer's class. */
  readonly consumer: string;
  /** When the consumer gives a record up. */
  readonly maxRecordAge?: number;
  /** When the stream does. */
  readonly retention?: number;
}

/** What a stream and its consumer must agree on. */
export const RETENTION_RULES: readonly Rule<RetentionFacts>[] = [
  {
    id: 'Spillway-KinesisPipeline-RecordAgeOutlivesRetention',
    broken: ({ maxRecordAge, retention }) =>
      maxRecordAge !== undefined && retention !== undefined && maxRecordAge >= retention,
    message: ({ consumer, maxRecordAge, retention }) =>
      `retentionPeriod must be longer than the maxRecordAge of this ${consumer} (${maxRecordAge} seconds), but was ${retention} seconds; Kinesis would delete a failing record before the consumer gives up, and the dead-letter queue would refer to records that can't be read any more`,
  },
];
