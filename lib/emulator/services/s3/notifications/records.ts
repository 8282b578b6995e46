import type { BusEntry, RequestContext } from '../../../core';
import type { Bucket } from '../buckets/bucket';
import { ownerOf } from '../objects/list-actions';
import type { ObjectEvent } from './object-event';

/** What S3 tells of the request that caused an event. */
export interface Cause {
  readonly call: RequestContext;
  readonly requestId: string;
  readonly hostId: string;
}

/** The events of which notifications have the newer version of the record. */
const NEWER = /^(?:ObjectTagging|ObjectAcl|Lifecycle)/;
/** The events of which notifications say neither size nor sequencer. */
const OF_SETTINGS = /^(?:ObjectTagging|ObjectAcl)/;

/** The body of a notification, as queues, topics and functions get it. */
export function recordOf(bucket: Bucket, event: ObjectEvent, configurationId: string, cause: Cause): string {
  const { name, key, version, versionId, sequencer } = event;
  const { call, requestId, hostId } = cause;
  const isDeletion = /:Delete$/.test(name);
  const hasSize = version?.isDeleteMarker === false && !OF_SETTINGS.test(name);
  const record = {
    eventVersion: NEWER.test(name) ? '2.3' : '2.1',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: new Date(event.at).toISOString(),
    eventName: name,
    userIdentity: { principalId: principalIdOf(call) },
    requestParameters: { sourceIPAddress: call.sourceIp ?? '127.0.0.1' },
    responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: ownerOf(bucket.account).ID.slice(0, 14).toUpperCase() },
        arn: bucket.arn,
      },
      object: {
        key: formEncoded(key),
        ...(hasSize && { size: version.content.size }),
        ...(version !== undefined && !isDeletion && { eTag: version.etag }),
        ...(versionId !== undefined && { versionId }),
        ...(!OF_SETTINGS.test(name) && { sequencer: sequencer.toUpperCase() }),
      },
    },
  };
  return JSON.stringify({ Records: [record] });
}

/** What a destination gets when it is configured. */
export function testEvent(bucket: Bucket, at: number, { requestId, hostId }: Cause): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(at).toISOString(),
    Bucket: bucket.name,
    RequestId: requestId,
    HostId: hostId,
  });
}

const DETAIL_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^ObjectCreated:/, 'Object Created'],
  [/^(?:ObjectRemoved|LifecycleExpiration):/, 'Object Deleted'],
  [/^ObjectTagging:Put$/, 'Object Tags Added'],
  [/^ObjectTagging:Delete$/, 'Object Tags Deleted'],
  [/^ObjectAcl:/, 'Object ACL Updated'],
];

const REASONS: Readonly<Record<string, string>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
  'ObjectRemoved:Delete': 'DeleteObject',
  'ObjectRemoved:DeleteMarkerCreated': 'DeleteObject',
  'LifecycleExpiration:Delete': 'Lifecycle Expiration',
  'LifecycleExpiration:DeleteMarkerCreated': 'Lifecycle Expiration',
};

/** The event for EventBridge, where keys are not encoded and names have dashes. */
export function busEntryOf(bucket: Bucket, event: ObjectEvent, { call, requestId }: Cause): BusEntry | undefined {
  const { name, key, version, versionId, sequencer } = event;
  const detailType = DETAIL_TYPES.find(([pattern]) => pattern.test(name))?.[1];
  if (detailType === undefined) return undefined;
  const isDeletion = detailType === 'Object Deleted';
  const hasSize = version?.isDeleteMarker === false && detailType === 'Object Created';
  const detail = {
    version: '0',
    bucket: { name: bucket.name },
    object: {
      key,
      ...(hasSize && { size: version.content.size }),
      ...(version !== undefined && { etag: version.etag }),
      ...(versionId !== undefined && { 'version-id': versionId }),
      ...(!OF_SETTINGS.test(name) && { sequencer: sequencer.toLowerCase() }),
    },
    'request-id': requestId,
    requester: call.principal.startsWith('arn:') ? call.account : call.principal,
    'source-ip-address': call.sourceIp ?? '127.0.0.1',
    ...(REASONS[name] !== undefined && { reason: REASONS[name] }),
    ...(isDeletion && {
      'deletion-type': name.endsWith(':Delete') ? 'Permanently Deleted' : 'Delete Marker Created',
    }),
  };
  const entry = { source: 'aws.s3', detailType, resources: [bucket.arn], time: event.at };
  return { ...entry, detail: JSON.stringify(detail) };
}

function principalIdOf({ principal, account }: RequestContext): string {
  const session = /:assumed-role\/([^/]+)\/(.+)$/.exec(principal);
  if (session !== null) return `AWS:AROA${session[1].toUpperCase().slice(0, 16)}:${session[2]}`;
  return principal.startsWith('arn:') ? `AWS:${account}` : principal;
}

/** As a form has it, but for slashes. */
function formEncoded(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
