import type {
  BucketLifecycleConfiguration,
  CORSRule,
  Event,
  LifecycleRule,
  NotificationConfiguration,
  ObjectOwnership,
  ServerSideEncryption,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../../core';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import {
  anything,
  emulated,
  flag,
  inert,
  integer,
  list,
  naming,
  record,
  replacing,
  required,
  text,
  unsupported,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { tagList } from '../../../cloudformation/provider/tags';
import type { S3 } from '../s3';

const LONGEST_NAME = 63;

const filter = record({
  S3Key: required(
    emulated(
      record({
        Rules: required(emulated(list(record({ Name: required(emulated(text)), Value: required(emulated(text)) })))),
      }),
    ),
  ),
});
const event = { Event: required(emulated(text)), Filter: emulated(filter) };
const target = required(emulated(text));

const lifecycleRule = record({
  AbortIncompleteMultipartUpload: emulated(record({ DaysAfterInitiation: required(emulated(integer)) })),
  ExpirationDate: emulated(text),
  ExpirationInDays: emulated(integer),
  ExpiredObjectDeleteMarker: emulated(flag),
  Id: emulated(text),
  NoncurrentVersionExpiration: emulated(
    record({ NewerNoncurrentVersions: emulated(integer), NoncurrentDays: required(emulated(integer)) }),
  ),
  NoncurrentVersionExpirationInDays: emulated(integer),
  NoncurrentVersionTransition: inert(anything, 'objects stay in their storage class'),
  NoncurrentVersionTransitions: inert(anything, 'objects stay in their storage class'),
  ObjectSizeGreaterThan: emulated(text),
  ObjectSizeLessThan: emulated(text),
  Prefix: emulated(text),
  Status: required(emulated(text)),
  TagFilters: emulated(tagList),
  Transition: inert(anything, 'objects stay in their storage class'),
  Transitions: inert(anything, 'objects stay in their storage class'),
});

const corsRule = record({
  AllowedHeaders: emulated(list(text)),
  AllowedMethods: required(emulated(list(text))),
  AllowedOrigins: required(emulated(list(text))),
  ExposedHeaders: emulated(list(text)),
  Id: emulated(text),
  MaxAge: emulated(integer),
});

const notTold = 'nothing is written about the bucket';
const properties = {
  AbacStatus: inert(text, 'permissions by tag are not evaluated'),
  AccelerateConfiguration: inert(anything, 'there are no edge locations'),
  AccessControl: inert(text, 'there are no access control lists'),
  AnalyticsConfigurations: inert(anything, notTold),
  BucketEncryption: emulated(
    record({
      ServerSideEncryptionConfiguration: required(
        emulated(
          list(
            record({
              BlockedEncryptionTypes: inert(anything),
              BucketKeyEnabled: emulated(flag),
              ServerSideEncryptionByDefault: emulated(
                record({ KMSMasterKeyID: emulated(text), SSEAlgorithm: required(emulated(text)) }),
              ),
            }),
          ),
        ),
      ),
    }),
    'told of, but KMS is not asked',
  ),
  BucketName: naming(emulated(text)),
  BucketNamePrefix: replacing(unsupported("the bucket gets a name of CloudFormation's form")),
  BucketNamespace: replacing(inert(text, 'all names are of one namespace')),
  CorsConfiguration: emulated(record({ CorsRules: required(emulated(list(corsRule))) })),
  IntelligentTieringConfigurations: inert(anything, 'objects stay in their storage class'),
  InventoryConfigurations: inert(anything, notTold),
  LifecycleConfiguration: emulated(
    record({
      Rules: required(emulated(list(lifecycleRule))),
      TransitionDefaultMinimumObjectSize: inert(text, 'objects stay in their storage class'),
    }),
  ),
  LoggingConfiguration: inert(anything, notTold),
  MetadataConfiguration: inert(anything, notTold),
  MetadataTableConfiguration: inert(anything, notTold),
  MetricsConfigurations: inert(anything, 'there are no request metrics'),
  NotificationConfiguration: emulated(
    record({
      EventBridgeConfiguration: emulated(record({ EventBridgeEnabled: emulated(flag) })),
      LambdaConfigurations: emulated(list(record({ ...event, Function: target }))),
      QueueConfigurations: emulated(list(record({ ...event, Queue: target }))),
      TopicConfigurations: emulated(list(record({ ...event, Topic: target }))),
    }),
  ),
  ObjectLockConfiguration: inert(anything, 'objects are not locked'),
  ObjectLockEnabled: inert(flag, 'objects are not locked'),
  OwnershipControls: emulated(record({ Rules: required(emulated(list(record({ ObjectOwnership: emulated(text) })))) })),
  PublicAccessBlockConfiguration: emulated(
    record({
      BlockPublicAcls: emulated(flag),
      BlockPublicPolicy: emulated(flag),
      IgnorePublicAcls: emulated(flag),
      RestrictPublicBuckets: emulated(flag),
    }),
  ),
  ReplicationConfiguration: unsupported('objects are not replicated'),
  Tags: emulated(tagList),
  VersioningConfiguration: emulated(record({ Status: required(emulated(text)) })),
  WebsiteConfiguration: inert(anything, 'there are no websites'),
};

type Given = Values<typeof properties>;

/** A bucket. It can be deleted only if it is empty, as on AWS. */
export const s3Bucket = define({
  type: 'AWS::S3::Bucket',
  properties,
  async create(resource, context: ResourceContext<S3>) {
    const { service, call, region } = context;
    const Bucket = nameOf(resource);
    const location =
      region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'EU' } };
    if (service.keys(Bucket) !== undefined) {
      throw new AwsError('AlreadyExists', `${Bucket} already exists`, { status: 409 });
    }
    service.createBucket({ Bucket, ...location }, call);
    try {
      await configure(Bucket, resource.properties, {}, context);
    } catch (error) {
      service.deleteBucket({ Bucket }, call);
      throw error;
    }
    return { ref: Bucket, attributes: attributesOf(Bucket, context) };
  },
  async update({ ref, properties: given, previous }, context: ResourceContext<S3>) {
    await configure(ref, given, previous, context);
    return { ref, attributes: attributesOf(ref, context) };
  },
  delete({ ref: Bucket }, { service, call }: ResourceContext<S3>) {
    unlessGone(() => service.deleteBucket({ Bucket }, call), 'NoSuchBucket');
  },
});

/** Names of buckets have no capitals. */
function nameOf({ properties: { BucketName }, name }: NewResource<Given>): string {
  return BucketName ?? name({ longest: LONGEST_NAME }).toLowerCase();
}

function attributesOf(name: string, { region }: ResourceContext<S3>): Record<string, string> {
  return {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
  };
}

/** Sets what a template says of a bucket, and takes away what it no longer says. */
async function configure(Bucket: string, given: Given, before: Given, context: ResourceContext<S3>): Promise<void> {
  const { service, call } = context;
  const set = <Name extends keyof Given>(
    name: Name,
    put: (value: NonNullable<Given[Name]>) => unknown,
    remove: () => unknown,
  ): unknown => {
    const value = given[name];
    if (value !== undefined && value !== null) return put(value);
    return before[name] === undefined ? undefined : remove();
  };
  set(
    'VersioningConfiguration',
    ({ Status }) =>
      service.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: Status as 'Enabled' } }, call),
    () => service.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }, call),
  );
  set(
    'Tags',
    (Tags) => service.putBucketTagging({ Bucket, Tagging: { TagSet: [...Tags] } }, call),
    () => service.deleteBucketTagging({ Bucket }, call),
  );
  set(
    'CorsConfiguration',
    ({ CorsRules }) =>
      service.putBucketCors({ Bucket, CORSConfiguration: { CORSRules: CorsRules.map(corsRuleOf) } }, call),
    () => service.deleteBucketCors({ Bucket }, call),
  );
  set(
    'LifecycleConfiguration',
    (lifecycle) =>
      service.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: lifecycleOf(lifecycle) }, call),
    () => service.deleteBucketLifecycle({ Bucket }, call),
  );
  set(
    'BucketEncryption',
    ({ ServerSideEncryptionConfiguration: rules }) => {
      const Rules = rules.map(({ BucketKeyEnabled, ServerSideEncryptionByDefault: standard }) => ({
        BucketKeyEnabled,
        ...(standard && {
          ApplyServerSideEncryptionByDefault: {
            SSEAlgorithm: standard.SSEAlgorithm as ServerSideEncryption,
            KMSMasterKeyID: standard.KMSMasterKeyID,
          },
        }),
      }));
      service.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules } }, call);
    },
    () => service.deleteBucketEncryption({ Bucket }, call),
  );
  set(
    'PublicAccessBlockConfiguration',
    (block) => service.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: block }, call),
    () => service.deletePublicAccessBlock({ Bucket }, call),
  );
  set(
    'OwnershipControls',
    ({ Rules }) => {
      const ownership = Rules.map((rule) => ({ ObjectOwnership: rule.ObjectOwnership as ObjectOwnership }));
      service.putBucketOwnershipControls({ Bucket, OwnershipControls: { Rules: ownership } }, call);
    },
    () => service.deleteBucketOwnershipControls({ Bucket }, call),
  );
  await set(
    'NotificationConfiguration',
    (configuration) =>
      service.putBucketNotificationConfiguration(
        { Bucket, NotificationConfiguration: notificationsOf(configuration) },
        call,
      ),
    () => service.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }, call),
  );
}

type Notified = NonNullable<Given['NotificationConfiguration']>;

function notificationsOf(given: Notified): NotificationConfiguration {
  const { EventBridgeConfiguration: bus, QueueConfigurations, TopicConfigurations, LambdaConfigurations } = given;
  const shared = ({ Event: name, Filter }: Values<typeof event>) => ({
    Events: [name as Event],
    ...(Filter && {
      Filter: {
        Key: { FilterRules: Filter.S3Key.Rules.map(({ Name, Value }) => ({ Name: Name as 'prefix', Value })) },
      },
    }),
  });
  return {
    ...(QueueConfigurations && {
      QueueConfigurations: QueueConfigurations.map((one) => ({ ...shared(one), QueueArn: one.Queue })),
    }),
    ...(TopicConfigurations && {
      TopicConfigurations: TopicConfigurations.map((one) => ({ ...shared(one), TopicArn: one.Topic })),
    }),
    ...(LambdaConfigurations && {
      LambdaFunctionConfigurations: LambdaConfigurations.map((one) => ({
        ...shared(one),
        LambdaFunctionArn: one.Function,
      })),
    }),
    ...(bus !== undefined && bus.EventBridgeEnabled !== false && { EventBridgeConfiguration: {} }),
  };
}

function corsRuleOf({ Id, ExposedHeaders, MaxAge, ...rule }: CorsGiven): CORSRule {
  return { ...rule, ID: Id, ExposeHeaders: ExposedHeaders, MaxAgeSeconds: MaxAge };
}
type CorsGiven = NonNullable<Given['CorsConfiguration']>['CorsRules'][number];

function lifecycleOf({ Rules }: NonNullable<Given['LifecycleConfiguration']>): BucketLifecycleConfiguration {
  return { Rules: Rules.map(lifecycleRuleOf) };
}

function lifecycleRuleOf(rule: NonNullable<Given['LifecycleConfiguration']>['Rules'][number]): LifecycleRule {
  const days = rule.NoncurrentVersionExpirationInDays;
  const noncurrent = rule.NoncurrentVersionExpiration ?? (days === undefined ? undefined : { NoncurrentDays: days });
  const expires =
    rule.ExpirationInDays !== undefined || rule.ExpirationDate !== undefined || rule.ExpiredObjectDeleteMarker === true;
  const size = (given: string | undefined) => (given === undefined ? undefined : Number(given));
  return {
    ID: rule.Id,
    Status: rule.Status as 'Enabled',
    Filter: {
      And: {
        Prefix: rule.Prefix ?? '',
        Tags: rule.TagFilters,
        ObjectSizeGreaterThan: size(rule.ObjectSizeGreaterThan),
        ObjectSizeLessThan: size(rule.ObjectSizeLessThan),
      },
    },
    ...(expires && {
      Expiration: {
        Days: rule.ExpirationInDays,
        Date: rule.ExpirationDate === undefined ? undefined : new Date(rule.ExpirationDate),
        ExpiredObjectDeleteMarker: rule.ExpiredObjectDeleteMarker,
      },
    }),
    ...(noncurrent && { NoncurrentVersionExpiration: noncurrent }),
    ...(rule.AbortIncompleteMultipartUpload && {
      AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload,
    }),
  };
}
