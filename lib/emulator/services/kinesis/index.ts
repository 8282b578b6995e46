import { AwsError, limit, options, parseArn } from '../../core';
import { defineService } from '../service-definition';
import { Kinesis, type StreamStatusView } from './kinesis';
import type { KinesisLimits } from './limits';
import { STREAM_KEYS } from './ports';
import { protocol } from './protocol';
import { kinesisResourcePolicy } from './resources/resource-policy';
import { kinesisStream } from './resources/stream';
import { kinesisStreamConsumer } from './resources/stream-consumer';
import { testing } from './testing';

export { Kinesis, type KinesisDependencies, type StreamStatusView } from './kinesis';
export type { KinesisLimits } from './limits';
export { STREAM_KEYS, type StreamKeys } from './ports';

/** The options of Kinesis. */
export interface KinesisOptions {
  /**
   * Limits and timings of Kinesis that differ from AWS's, by name; `Infinity` turns a limit off.
   * @default - AWS's limits
   */
  readonly kinesisLimits?: Partial<KinesisLimits>;
}

/** Amazon Kinesis Data Streams. */
export const kinesis = defineService<
  'kinesis',
  Kinesis,
  KinesisOptions,
  { readonly streams: readonly StreamStatusView[] },
  typeof testing
>({
  name: 'kinesis',
  protocol,
  errors: {
    throttled: () => new AwsError('ProvisionedThroughputExceededException', 'Rate exceeded'),
    internal: { shape: 'InternalFailureException' },
  },
  options: {
    kinesisLimits: options({
      recordsPerSecond: limit,
      writtenBytesPerSecond: limit,
      readBytesPerSecond: limit,
      readsPerSecond: limit,
      shards: limit,
      transition: limit,
    }),
  },
  resourceTypes: [kinesisStream, kinesisStreamConsumer, kinesisResourcePolicy],
  testing,
  resourcesOf: ({ StreamName, StreamARN, ResourceARN, ConsumerARN, ShardIterator }) => {
    const names = [StreamName, StreamARN, ResourceARN, ConsumerARN].filter((name) => typeof name === 'string');
    const ofIterator = typeof ShardIterator === 'string' ? iteratorStream(ShardIterator) : undefined;
    return [...names.map(streamName), ...(ofIterator === undefined ? [] : [ofIterator])];
  },
  deliver(service, targetArn, { payload, bytes, partitionKey }, caller) {
    const Data = bytes ?? Buffer.from(payload);
    service.putRecord({ StreamARN: targetArn, Data, PartitionKey: partitionKey ?? '0' }, caller);
  },
  status: { sections: ['streams'], of: (service) => ({ streams: service.streams() }) },
  create: ({ options: { kinesisLimits }, clock, timeline, account, region, elsewhere, use }) =>
    new Kinesis({
      ...{ clock, timeline, account, region, elsewhere },
      keys: () => use(STREAM_KEYS),
      ...(kinesisLimits !== undefined && { limits: kinesisLimits }),
    }),
});

/** The stream's name in its ARN or that of a consumer, or the name itself. */
function streamName(nameOrArn: string): string {
  return /^stream\/([^/]+)/.exec(parseArn(nameOrArn)?.resource ?? '')?.[1] ?? nameOrArn;
}

function iteratorStream(iterator: string): string | undefined {
  try {
    const { stream } = JSON.parse(Buffer.from(iterator, 'base64').toString()) as { stream?: unknown };
    return typeof stream === 'string' ? stream : undefined;
  } catch {
    return undefined;
  }
}
