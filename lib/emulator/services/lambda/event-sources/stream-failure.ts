import type { Invocation } from '../runner';
import type { SourceRecord, StreamSource } from './stream-source';

/** A batch that a mapping gave up. */
export interface GivenUp {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly requestId: string;
  readonly functionArn: string;
  readonly version: string;
  /** How often the function was invoked with it. */
  readonly invocations: number;
  readonly records: readonly SourceRecord[];
  readonly shardId: string;
  readonly streamArn: string;
  /** The last invocation. @default - its records were too old */
  readonly last?: Invocation;
}

/** The record of a batch that was given up, for its on-failure destination, as JSON. */
export function failureRecord(failed: GivenUp, { batchInfo }: Pick<StreamSource, 'batchInfo'>, now: number): string {
  const { records, last } = failed;
  const [first, final] = [records[0], records[records.length - 1]];
  // Those of DynamoDB show whole seconds.
  const time = (at: number) =>
    batchInfo === 'KinesisBatchInfo' ? new Date(at).toISOString() : new Date(at).toISOString().replace(/\.\d+Z/, 'Z');
  return JSON.stringify({
    requestContext: {
      requestId: failed.requestId,
      functionArn: failed.functionArn,
      condition: failed.condition,
      approximateInvokeCount: Math.max(1, failed.invocations),
    },
    ...(last !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: failed.version,
        functionError: last.error === undefined ? null : 'Unhandled',
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    [batchInfo]: {
      shardId: failed.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: final.sequenceNumber,
      approximateArrivalOfFirstRecord: time(first.at),
      approximateArrivalOfLastRecord: time(final.at),
      batchSize: records.length,
      streamArn: failed.streamArn,
    },
  });
}
