import {
  CreateStreamCommand,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  SplitShardCommand,
  StartStreamEncryptionCommand,
  UpdateShardCountCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  IncreaseStreamRetentionPeriodCommand,
  DecreaseStreamRetentionPeriodCommand,
  DescribeStreamSummaryCommand,
  DeleteStreamCommand,
} from '@aws-sdk/client-kinesis';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { contract, type ContractCloud, expectRefused, type ContractRows } from '../../../support/contract-cloud';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const LARGEST = 2n ** 128n - 1n;
const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const StreamName = 's';
const SHARD = 'shardId-000000000000';

async function streamOf(cloud: ContractCloud, ShardCount: number): Promise<KinesisClient> {
  const client = cloud.client(KinesisClient);
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }));
  await cloud.advance(SECOND);
  return client;
}

const put = (client: KinesisClient, data: string, PartitionKey = 'k', ExplicitHashKey?: string) =>
  client.send(new PutRecordCommand({ StreamName, Data: Buffer.from(data), PartitionKey, ExplicitHashKey }));

async function iterator(client: KinesisClient, rest: Partial<GetShardIteratorInput> = {}): Promise<string> {
  const input = { StreamName, ShardId: SHARD, ShardIteratorType: 'TRIM_HORIZON', ...rest } as const;
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator ?? '';
}

async function read(client: KinesisClient, ShardIterator: string, Limit?: number) {
  const output = await client.send(new GetRecordsCommand({ ShardIterator, Limit }));
  return { ...output, texts: output.Records?.map(({ Data }) => Buffer.from(Data ?? []).toString()) };
}

const texts = async (client: KinesisClient, rest: Partial<GetShardIteratorInput>) =>
  (await read(client, await iterator(client, rest))).texts;

const rows: ContractRows = {
  'a stream is CREATING, and cannot be written to until it is ACTIVE': async (cloud) => {
    const client = cloud.client(KinesisClient);
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
    const state = async () =>
      (await client.send(new DescribeStreamCommand({ StreamName }))).StreamDescription?.StreamStatus;
    expect(await state()).toBe('CREATING');
    const message = 'Stream s under account 000000000000 not found.';
    await expectRefused(put(client, 'a'), { name: 'ResourceNotFoundException', message });
    await cloud.advance(SECOND);
    expect(await state()).toBe('ACTIVE');
    const again = client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
    await expectRefused(again, {
      name: 'ResourceInUseException',
      message: 'Stream s under account 000000000000 already exists.',
    });
  },

  'a stream without a shard count is on-demand, with four shards that cannot be split': async (cloud) => {
    const client = cloud.client(KinesisClient);
    await client.send(new CreateStreamCommand({ StreamName }));
    await cloud.advance(SECOND);
    const { StreamDescriptionSummary: summary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    expect(summary).toMatchObject({ OpenShardCount: 4, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    const resize = new UpdateShardCountCommand({ StreamName, TargetShardCount: 8, ScalingType: 'UNIFORM_SCALING' });
    await expectRefused(client.send(resize), {
      name: 'ValidationException',
      message: 'Request is invalid. Stream s under account 000000000000 is in On-Demand mode.',
    });
  },

  'shards have even hash ranges, and records go where their hash key is': async (cloud) => {
    const client = await streamOf(cloud, 3);
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
    expect(Shards.map(({ HashKeyRange }) => HashKeyRange?.StartingHashKey)).toEqual([
      '0',
      '113427455640312821154458202477256070485',
      '226854911280625642308916404954512140970',
    ]);
    expect(Shards[2].HashKeyRange?.EndingHashKey).toBe(String(LARGEST));
    // MD5('a') = 0cc1…, MD5('b') = 92eb…, MD5('e') = e167….
    const shardOf = async (key: string) => (await put(client, 'x', key)).ShardId;
    expect([await shardOf('a'), await shardOf('b'), await shardOf('e')].map((id) => id?.slice(-1))).toEqual([
      '0',
      '1',
      '2',
    ]);
    expect((await put(client, 'x', 'a', String(LARGEST))).ShardId).toMatch(/2$/);
    await expectRefused(put(client, 'x', 'a', String(LARGEST + 1n)), { name: 'InvalidArgumentException' });
    await expectRefused(put(client, 'x', 'a', '01'), { name: 'ValidationException' });
  },

  'sequence numbers have 56 digits and ascend': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const numbers: string[] = [];
    for (let index = 0; index < 20; index++) {
      numbers.push((await put(client, 'x')).SequenceNumber ?? '');
      if (index % 7 === 0) await cloud.advance(SECOND);
    }
    expect(numbers.every((text) => /^49\d{54}$/.test(text))).toBe(true);
    expect([...numbers].sort()).toEqual(numbers);
  },

  'iterators of all five types start where they say': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const times: number[] = [];
    const numbers: string[] = [];
    for (const text of ['a', 'b', 'c']) {
      times.push(cloud.now);
      numbers.push((await put(client, text)).SequenceNumber ?? '');
      await cloud.advance(10 * SECOND);
    }
    expect(await texts(client, {})).toEqual(['a', 'b', 'c']);
    expect(await texts(client, { ShardIteratorType: 'LATEST' })).toEqual([]);
    await cloud.advance(SECOND);
    const sequence = (ShardIteratorType: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER') =>
      texts(client, { ShardIteratorType, StartingSequenceNumber: numbers[1] });
    expect(await sequence('AT_SEQUENCE_NUMBER')).toEqual(['b', 'c']);
    expect(await sequence('AFTER_SEQUENCE_NUMBER')).toEqual(['c']);
    const Timestamp = new Date(times[1] + 1);
    expect(await texts(client, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp })).toEqual(['c']);
  },

  'wrong starting positions are refused in AWS words': async (cloud) => {
    const client = await streamOf(cloud, 2);
    const { SequenceNumber = '' } = await put(client, 'a', 'k', '0');
    const asked = (rest: Partial<GetShardIteratorInput>) => iterator(client, rest);
    const invalid = (message: string | RegExp) => ({ name: 'InvalidArgumentException', message });
    await expectRefused(
      asked({ StartingSequenceNumber: SequenceNumber }),
      invalid(/^Must either specify .* also a Sta/),
    );
    await expectRefused(
      asked({ ShardIteratorType: 'AT_SEQUENCE_NUMBER' }),
      invalid(/and no StartingSequenceNumber\.$/),
    );
    const type = { ShardIteratorType: 'AT_SEQUENCE_NUMBER' } as const;
    await expectRefused(
      asked({ ...type, ShardId: 'shardId-000000000001', StartingSequenceNumber: SequenceNumber }),
      invalid(
        'Invalid StartingSequenceNumber. It encodes shardId-000000000000, while it was used in a call to a shard with shardId-000000000001',
      ),
    );
    await expectRefused(asked({ ...type, StartingSequenceNumber: '123' }), invalid(/ is invalid\.$/));
    await expectRefused(asked({ ShardId: 'shardId-000000000009' }), {
      name: 'ResourceNotFoundException',
      message: 'Shard shardId-000000000009 in stream s under account 000000000000 does not exist',
    });
    await expectRefused(read(client, 'bm9uc2Vuc2U='), invalid('Invalid ShardIterator.'));
  },

  'an iterator expires after five minutes': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const at = await iterator(client);
    await cloud.advance(5 * MINUTE);
    expect((await read(client, at)).texts).toEqual([]);
    await cloud.advance(1);
    await expectRefused(read(client, at), {
      name: 'ExpiredIteratorException',
      message:
        /^Iterator expired\. The iterator was created at time Tue Jan 01 00:00:01 UTC 2030 while right now it is Tue Jan 01 00:05:01 UTC 2030 which is further in the future than the tolerated delay of 300000 milliseconds\.$/,
    });
  },

  'MillisBehindLatest is the age of the last record read, and 0 at the tip': async (cloud) => {
    const client = await streamOf(cloud, 1);
    await put(client, 'a');
    await cloud.advance(3 * SECOND);
    await put(client, 'b');
    await cloud.advance(2 * SECOND);
    const first = await read(client, await iterator(client), 1);
    expect([first.texts, first.MillisBehindLatest]).toEqual([['a'], 5 * SECOND]);
    const second = await read(client, first.NextShardIterator ?? '');
    expect([second.texts, second.MillisBehindLatest]).toEqual([['b'], 0]);
  },

  'a shard takes 1,000 records a second, and PutRecords reports which it refused': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const batch = (count: number) =>
      client.send(
        new PutRecordsCommand({
          StreamName,
          Records: Array.from({ length: count }, () => ({ Data: Buffer.from('x'), PartitionKey: 'k' })),
        }),
      );
    await batch(500);
    await batch(499);
    const { FailedRecordCount, Records = [] } = await batch(2);
    expect(FailedRecordCount).toBe(1);
    expect(Records[1]).toEqual({
      ErrorCode: 'ProvisionedThroughputExceededException',
      ErrorMessage: `Rate exceeded for shard ${SHARD} in stream s under account 000000000000.`,
    });
    await expectRefused(put(client, 'x'), { name: 'ProvisionedThroughputExceededException' });
    await cloud.advance(SECOND);
    expect((await batch(500)).FailedRecordCount).toBe(0);
    await expectRefused(batch(501), { name: 'ValidationException' });
  },

  'a shard takes 1 MiB a second': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const half = 'x'.repeat(2 ** 19 - 1);
    await put(client, half);
    await put(client, half);
    await expectRefused(put(client, 'x'), { name: 'ProvisionedThroughputExceededException' });
    await cloud.advance(SECOND);
    await put(client, half);
    await expectRefused(put(client, 'x'.repeat(2 ** 20)), { name: 'ValidationException' });
  },

  'a shard is read five times a second': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const at = await iterator(client);
    for (let count = 0; count < 5; count++) await read(client, at);
    await expectRefused(read(client, at), { name: 'ProvisionedThroughputExceededException' });
    await cloud.advance(SECOND);
    expect((await read(client, at)).texts).toEqual([]);
  },

  'a read that returns 10 MB keeps the shard from being read for five seconds': async (cloud) => {
    const client = await streamOf(cloud, 1);
    for (let count = 0; count < 11; count++) {
      await put(client, 'x'.repeat(2 ** 20 - 1));
      await cloud.advance(SECOND);
    }
    const first = await read(client, await iterator(client));
    expect(first.Records).toHaveLength(10);
    const next = first.NextShardIterator ?? '';
    await cloud.advance(4_990);
    await expectRefused(read(client, next), { name: 'ProvisionedThroughputExceededException' });
    await cloud.advance(10);
    expect((await read(client, next)).Records).toHaveLength(1);
  },

  'a split closes the parent, whose reader is told of the children': async (cloud) => {
    const client = await streamOf(cloud, 1);
    await put(client, 'before');
    const key = String(2n ** 127n);
    await client.send(new SplitShardCommand({ StreamName, ShardToSplit: SHARD, NewStartingHashKey: key }));
    await cloud.advance(SECOND);
    const { ShardId, SequenceNumber } = await put(client, 'after', 'k', '0');
    expect(ShardId).toBe('shardId-000000000001');
    const drained = await read(client, await iterator(client));
    expect(drained.texts).toEqual(['before']);
    expect(drained.NextShardIterator).toBeUndefined();
    expect(drained.ChildShards?.map((child) => [child.ShardId, child.ParentShards])).toEqual([
      ['shardId-000000000001', [SHARD]],
      ['shardId-000000000002', [SHARD]],
    ]);
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
    const ending = Shards[0].SequenceNumberRange?.EndingSequenceNumber ?? '';
    expect(ending < (SequenceNumber ?? '')).toBe(true);
    expect(ending > (drained.Records?.[0].SequenceNumber ?? '')).toBe(true);
    const open = await client.send(new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }));
    expect(open.Shards?.map((shard) => shard.ShardId?.slice(-1))).toEqual(['1', '2']);
  },

  'shards that are not adjacent cannot be merged, others can': async (cloud) => {
    const client = await streamOf(cloud, 3);
    const merge = (AdjacentShardToMerge: string) =>
      client.send(new MergeShardsCommand({ StreamName, ShardToMerge: SHARD, AdjacentShardToMerge }));
    await expectRefused(merge('shardId-000000000002'), { name: 'InvalidArgumentException' });
    await expectRefused(merge('shardId-000000000007'), {
      name: 'ResourceNotFoundException',
      message: 'Could not find shard shardId-000000000007 in stream s under account 000000000000.',
    });
    await merge('shardId-000000000001');
    await expectRefused(merge('shardId-000000000001'), {
      name: 'ResourceInUseException',
      message: 'Stream s under account 000000000000 not ACTIVE, instead in state UPDATING',
    });
    await cloud.advance(SECOND);
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
    expect(Shards[3]).toMatchObject({ ParentShardId: SHARD, AdjacentParentShardId: 'shardId-000000000001' });
  },

  'UpdateShardCount doubles or halves at most, ten times a day': async (cloud) => {
    const client = await streamOf(cloud, 2);
    const resize = async (TargetShardCount: number) => {
      const input = { StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' } as const;
      const output = await client.send(new UpdateShardCountCommand(input));
      await cloud.advance(SECOND);
      return [output.CurrentShardCount, output.TargetShardCount];
    };
    await expectRefused(resize(5), {
      name: 'LimitExceededException',
      message:
        'UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 2, Target shard count: 5',
    });
    expect(await resize(3)).toEqual([2, 3]);
    const { Shards = [] } = await client.send(
      new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }),
    );
    const starts = Shards.map(({ HashKeyRange }) => BigInt(HashKeyRange?.StartingHashKey ?? '-1'));
    expect(starts.sort((a, b) => (a < b ? -1 : 1))).toEqual([0n, (LARGEST + 1n) / 3n, ((LARGEST + 1n) / 3n) * 2n]);
    for (let count = 0; count < 9; count++) await resize(count % 2 === 0 ? 4 : 3);
    await expectRefused(resize(3), { name: 'LimitExceededException' });
    await cloud.advance(24 * HOUR);
    expect(await resize(3)).toEqual([4, 3]);
  },

  'records expire after the retention period': async (cloud) => {
    const client = await streamOf(cloud, 1);
    await put(client, 'old');
    await cloud.advance(HOUR);
    await put(client, 'new');
    await cloud.advance(23 * HOUR - SECOND);
    expect(await texts(client, {})).toEqual(['old', 'new']);
    await cloud.advance(SECOND);
    expect(await texts(client, {})).toEqual(['new']);
    const increase = (RetentionPeriodHours: number) =>
      client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }));
    for (const hours of [24, 8_761]) await expectRefused(increase(hours), { name: 'InvalidArgumentException' });
    await increase(48);
    await cloud.advance(HOUR);
    expect(await texts(client, {})).toEqual(['new']);
    await client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 24 }));
    await cloud.advance(SECOND);
    expect(await texts(client, {})).toEqual([]);
  },

  'an encrypted stream uses its key for whoever writes and reads': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const kms = cloud.client(KMSClient);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId;
    await client.send(new StartStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId }));
    await cloud.advance(SECOND);
    expect((await put(client, 'a')).EncryptionType).toBe('KMS');
    expect((await read(client, await iterator(client))).Records?.[0].EncryptionType).toBe('KMS');
    await kms.send(new DisableKeyCommand({ KeyId }));
    await put(client, 'a'); // With the data key that it has.
    await cloud.advance(5 * MINUTE);
    await expectRefused(put(client, 'a'), { name: 'KMSDisabledException' });
    await expectRefused(texts(client, {}), { name: 'KMSDisabledException' });
  },

  'consumers are registered, described and keep their stream from being deleted': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const register = new RegisterStreamConsumerCommand({ StreamARN: ARN, ConsumerName: 'c' });
    const { Consumer } = await client.send(register);
    expect(Consumer).toMatchObject({ ConsumerStatus: 'CREATING' });
    expect(Consumer?.ConsumerARN).toMatch(/:stream\/s\/consumer\/c:\d{10}$/);
    await cloud.advance(SECOND);
    const { ConsumerDescription } = await client.send(
      new DescribeStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN }),
    );
    expect(ConsumerDescription).toMatchObject({ ConsumerStatus: 'ACTIVE', StreamARN: ARN });
    await expectRefused(client.send(register), { name: 'ResourceInUseException' });
    await expectRefused(client.send(new DeleteStreamCommand({ StreamName })), { name: 'InvalidArgumentException' });
    await client.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
    await cloud.advance(SECOND);
    await expectRefused(client.send(new DescribeStreamCommand({ StreamName })), { name: 'ResourceNotFoundException' });
  },

  'a resource policy denies callers of the own account': async (cloud) => {
    const client = await streamOf(cloud, 1);
    const policy = () => client.send(new GetResourcePolicyCommand({ ResourceARN: ARN }));
    expect((await policy()).Policy).toBe('{}');
    const statement = { Effect: 'Deny', Principal: '*', Action: 'kinesis:PutRecord', Resource: ARN };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statement });
    await client.send(new PutResourcePolicyCommand({ ResourceARN: ARN, Policy }));
    await expectRefused(put(client, 'a'), {
      name: 'AccessDeniedException',
      message: /^User: arn:aws:iam::000000000000:root is not authorized to perform: kinesis:PutRecord on resource: arn/,
    });
    expect((await policy()).Policy).toBe(Policy);
  },
};

contract('§8.3 Kinesis', rows);
