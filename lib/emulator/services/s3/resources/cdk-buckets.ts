import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import type { Json } from '../../../cloudformation/provider/json';
import type { CreatedResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import {
  anything,
  emulated,
  flag,
  inert,
  list,
  mapOf,
  naming,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { S3 } from '../s3';
import { deployAssets } from './bucket-deployment';

const serviceToken = required(inert(text, 'its function is not called: the emulator does what it would'));

const notificationProperties = {
  BucketName: naming(required(emulated(text))),
  Managed: emulated(flag),
  NotificationConfiguration: required(emulated(anything)),
  ServiceToken: serviceToken,
  SkipDestinationValidation: emulated(flag),
};

/** With which the CDK sets the notifications of a bucket, once its destinations have their policies. */
const bucketNotifications = define({
  type: 'Custom::S3BucketNotifications',
  properties: notificationProperties,
  async create(resource, context: ResourceContext<S3>) {
    await notify(resource.properties, {}, context);
    return { ref: resource.logicalId, attributes: {} };
  },
  async update({ ref, properties, previous }, context: ResourceContext<S3>) {
    await notify(properties, configurationOf(previous.NotificationConfiguration), context);
    return { ref, attributes: {} };
  },
  async delete({ properties }, context: ResourceContext<S3>) {
    const { BucketName: Bucket, Managed } = properties;
    const { service, call } = context;
    const before = configurationOf(properties.NotificationConfiguration);
    const rest = Managed === false ? others(service.getBucketNotificationConfiguration({ Bucket }, call), before) : {};
    try {
      await service.putBucketNotificationConfiguration(
        { Bucket, NotificationConfiguration: rest, SkipDestinationValidation: true },
        call,
      );
    } catch (error) {
      unlessGone(() => {
        throw error;
      }, 'NoSuchBucket');
    }
  },
});

/** Of a bucket that the stack does not have, what others have configured stays. */
async function notify(
  given: Values<typeof notificationProperties>,
  before: NotificationConfiguration,
  { service, call }: ResourceContext<S3>,
): Promise<void> {
  const { BucketName: Bucket, Managed, SkipDestinationValidation } = given;
  const wanted = configurationOf(given.NotificationConfiguration);
  const kept = Managed === false ? others(service.getBucketNotificationConfiguration({ Bucket }, call), before) : {};
  const NotificationConfiguration = joined(kept, wanted);
  const input = { Bucket, NotificationConfiguration, SkipDestinationValidation: SkipDestinationValidation === true };
  await service.putBucketNotificationConfiguration(input, call);
}

/** The CDK writes what the API takes. */
function configurationOf(value: Json): NotificationConfiguration {
  return value as unknown as NotificationConfiguration;
}

const KINDS = ['QueueConfigurations', 'TopicConfigurations', 'LambdaFunctionConfigurations'] as const;
type Entry = { readonly Id?: string };

/** What is configured beside what this resource has configured before. */
function others(all: NotificationConfiguration, own: NotificationConfiguration): NotificationConfiguration {
  const shown = (entry: Entry) => JSON.stringify({ ...entry, Id: undefined });
  const rest = KINDS.map((kind) => {
    const mine = new Set(((own[kind] ?? []) as readonly Entry[]).map(shown));
    return [kind, ((all[kind] ?? []) as readonly Entry[]).filter((entry) => !mine.has(shown(entry)))];
  });
  const bus = own.EventBridgeConfiguration === undefined ? all.EventBridgeConfiguration : undefined;
  return {
    ...(Object.fromEntries(rest) as NotificationConfiguration),
    ...(bus && { EventBridgeConfiguration: bus }),
  };
}

function joined(one: NotificationConfiguration, other: NotificationConfiguration): NotificationConfiguration {
  const entries = KINDS.map((kind) => [kind, [...(one[kind] ?? []), ...(other[kind] ?? [])]]);
  const bus = other.EventBridgeConfiguration ?? one.EventBridgeConfiguration;
  return {
    ...(Object.fromEntries(entries) as NotificationConfiguration),
    ...(bus && { EventBridgeConfiguration: bus }),
  };
}

const DELETES = 'aws-cdk:auto-delete-objects';

/** With which the CDK empties a bucket before it is deleted. */
const autoDeleteObjects = define({
  type: 'Custom::S3AutoDeleteObjects',
  properties: { BucketName: naming(required(emulated(text))), ServiceToken: serviceToken },
  create: ({ properties: { BucketName } }) => ({ ref: BucketName, attributes: {} }),
  delete({ properties: { BucketName: Bucket } }, { service, call }: ResourceContext<S3>) {
    unlessGone(
      () => {
        const { TagSet } = service.getBucketTagging({ Bucket }, call);
        if (TagSet.some(({ Key, Value }) => Key === DELETES && Value === 'true')) service.emptyBucket(Bucket);
      },
      'NoSuchBucket',
      'NoSuchTagSet',
    );
  },
});

const deploymentProperties = {
  ContentDeploymentRole: inert(anything),
  DestinationBucketArn: emulated(text),
  DestinationBucketKeyPrefix: emulated(text),
  DestinationBucketName: required(emulated(text)),
  DistributionId: inert(text, 'there is no CloudFront'),
  DistributionPaths: inert(anything, 'there is no CloudFront'),
  Exclude: emulated(list(text)),
  Extract: emulated(flag),
  Include: emulated(list(text)),
  OutputObjectKeys: emulated(flag),
  Prune: emulated(flag),
  RetainOnDelete: emulated(flag),
  ServiceToken: serviceToken,
  SourceBucketNames: required(emulated(list(text))),
  SourceMarkers: emulated(list(mapOf(text))),
  SourceMarkersConfig: inert(anything),
  SourceObjectKeys: required(emulated(list(text))),
  SystemMetadata: emulated(mapOf(text)),
  UserMetadata: emulated(mapOf(text)),
  WaitForDistributionInvalidation: inert(flag, 'there is no CloudFront'),
};

export type Deployment = Values<typeof deploymentProperties>;

/** With which the CDK puts the files of an asset into a bucket. */
const bucketDeployment = define({
  type: 'Custom::CDKBucketDeployment',
  properties: deploymentProperties,
  create: (resource, context: ResourceContext<S3>) => deployed(resource.logicalId, resource.properties, context),
  update: ({ ref, properties }, context: ResourceContext<S3>) => deployed(ref, properties, context),
  delete({ properties }, { service }: ResourceContext<S3>) {
    if (properties.RetainOnDelete !== false) return;
    const prefix = properties.DestinationBucketKeyPrefix ?? '';
    unlessGone(() => service.emptyBucket(properties.DestinationBucketName, prefix), 'NoSuchBucket');
  },
});

async function deployed(ref: string, given: Deployment, context: ResourceContext<S3>): Promise<CreatedResource> {
  await deployAssets(given, context);
  const { DestinationBucketArn, OutputObjectKeys, SourceObjectKeys } = given;
  return {
    ref,
    attributes: {
      ...(DestinationBucketArn !== undefined && { DestinationBucketArn }),
      SourceObjectKeys: OutputObjectKeys === false ? [] : SourceObjectKeys,
    },
  };
}

/** The custom resources behind the CDK's buckets. */
export const cdkBucketProviders = [bucketNotifications, autoDeleteObjects, bucketDeployment];
