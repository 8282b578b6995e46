import type { EncryptionType, MetricsName, StreamMode } from '@aws-sdk/client-kinesis';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import {
  emulated,
  inert,
  integer,
  list,
  naming,
  record,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { tagChanges, tagList, tagMap } from '../../../cloudformation/provider/tags';
import { formatArn } from '../../../core';
import type { Kinesis } from '../kinesis';
import { LIMITS } from '../limits';

const properties = {
  DesiredShardLevelMetrics: emulated(list(text)),
  MaxRecordSizeInKiB: emulated(integer),
  Name: naming(emulated(text)),
  RetentionPeriodHours: emulated(integer),
  ShardCount: emulated(integer),
  StreamEncryption: emulated(record({ EncryptionType: required(emulated(text)), KeyId: required(emulated(text)) })),
  StreamModeDetails: emulated(record({ StreamMode: required(emulated(text)) })),
  Tags: emulated(tagList),
  WarmThroughputMiBps: inert(integer, 'a shard has its full throughput at once'),
};

type Given = Values<typeof properties>;
type Context = ResourceContext<Kinesis>;

/** A data stream. A deployment takes no emulated time: so each change of its state completes at once. */
export const kinesisStream = define({
  type: 'AWS::Kinesis::Stream',
  properties,
  unique: {
    name: ({ properties: { Name }, name }) => Name ?? name({ longest: 128 }),
    exists: ({ properties: { Name } }, { service }: Context) =>
      Name !== undefined && service.directory.named(Name) !== undefined,
  },
  create({ properties: given, name }, context: Context) {
    const StreamName = given.Name ?? name({ longest: 128 });
    const { service, call } = context;
    const mode = modeOf(given);
    service.createStream(
      {
        StreamName,
        StreamModeDetails: { StreamMode: mode },
        ShardCount: mode === 'ON_DEMAND' ? given.ShardCount : (given.ShardCount ?? 1),
        MaxRecordSizeInKiB: given.MaxRecordSizeInKiB,
        Tags: tagMap(given.Tags ?? []),
      },
      call,
    );
    service.settle(StreamName);
    configure(StreamName, given, context);
    return { ref: StreamName, attributes: attributesOf(StreamName, context) };
  },
  update({ ref, properties: given, previous }, context: Context) {
    const { service, call } = context;
    const StreamARN = arnOf(ref, context);
    const mode = modeOf(given);
    service.settle(ref);
    if (mode !== modeOf(previous)) {
      service.updateStreamMode({ StreamARN, StreamModeDetails: { StreamMode: mode } }, call);
      service.settle(ref);
    }
    if (mode === 'PROVISIONED') service.resize(ref, given.ShardCount ?? 1);
    const size = given.MaxRecordSizeInKiB ?? LIMITS.recordKibibytes.least;
    if (size !== (previous.MaxRecordSizeInKiB ?? LIMITS.recordKibibytes.least)) {
      service.updateMaxRecordSize({ StreamARN, MaxRecordSizeInKiB: size }, call);
      service.settle(ref);
    }
    configure(ref, given, context);
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    if (removed.length > 0) service.removeTagsFromStream({ StreamARN, TagKeys: removed }, call);
    if (Object.keys(added).length > 0) service.addTagsToStream({ StreamARN, Tags: added }, call);
    return { ref, attributes: attributesOf(ref, context) };
  },
  delete({ ref }, { service, call }: Context) {
    unlessGone(
      () => service.deleteStream({ StreamName: ref, EnforceConsumerDeletion: true }, call),
      'ResourceNotFoundException',
    );
    service.settle(ref);
  },
});

/** Makes the retention period, the encryption and the metrics of shards as the template has them. */
function configure(name: string, given: Given, { service, call }: Context): void {
  const stream = service.directory.named(name);
  if (stream === undefined) return;
  const StreamName = name;
  const hours = given.RetentionPeriodHours ?? LIMITS.retentionHours.least;
  const { retentionHours, encryption, keyId, shardMetrics } = stream;
  const settle = (change: () => unknown) => {
    change();
    service.settle(name);
  };
  if (hours > retentionHours) {
    settle(() => service.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: hours }, call));
  } else if (hours < retentionHours) {
    settle(() => service.decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: hours }, call));
  }
  const wanted = given.StreamEncryption;
  if (wanted === undefined) {
    if (encryption === 'KMS') {
      settle(() => service.stopStreamEncryption({ StreamName, EncryptionType: 'KMS', KeyId: keyId }, call));
    }
  } else if (encryption !== 'KMS' || keyId !== wanted.KeyId) {
    // The service rejects types that it does not know.
    const EncryptionType = wanted.EncryptionType as EncryptionType;
    settle(() => service.startStreamEncryption({ StreamName, EncryptionType, KeyId: wanted.KeyId }, call));
  }
  const metrics = (given.DesiredShardLevelMetrics ?? []) as MetricsName[];
  const surplus = shardMetrics.filter((metric) => !metrics.includes(metric));
  if (surplus.length > 0 && !metrics.includes('ALL')) {
    settle(() => service.disableEnhancedMonitoring({ StreamName, ShardLevelMetrics: surplus }, call));
  }
  if (metrics.length > 0) {
    settle(() => service.enableEnhancedMonitoring({ StreamName, ShardLevelMetrics: metrics }, call));
  }
}

// Names from an open set: the service rejects those that it does not know.
function modeOf({ StreamModeDetails }: Given): StreamMode {
  return (StreamModeDetails?.StreamMode as StreamMode | undefined) ?? 'PROVISIONED';
}

function arnOf(name: string, { region, account }: Context): string {
  return formatArn('kinesis', region, account, `stream/${name}`);
}

function attributesOf(name: string, context: Context) {
  return { Arn: arnOf(name, context) };
}
