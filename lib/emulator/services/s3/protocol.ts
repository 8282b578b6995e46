import * as sdk from '@aws-sdk/client-s3';
import { AwsError, isAwsHost } from '../../core';
import type { ProtocolBinding } from '../../protocol/protocol-binding';
import type { Upload } from './objects/upload';

/** The parts of buckets and objects that are not emulated, as queries name them. */
const OTHER_SUBRESOURCES: ReadonlySet<string> = new Set([
  ...[
    'abac',
    'accelerate',
    'analytics',
    'intelligent-tiering',
    'inventory',
    'legal-hold',
    'logging',
    'metadataConfiguration',
  ],
  ...['metadataInventoryTable', 'metadataJournalTable', 'metadataTable', 'metrics', 'object-lock', 'policyStatus'],
  ...[
    'renameObject',
    'replication',
    'requestPayment',
    'restore',
    'retention',
    'select',
    'session',
    'torrent',
    'website',
  ],
]);

/** The protocol of Amazon S3: REST XML. */
export const protocol: ProtocolBinding = {
  signingName: 's3',
  targetPrefix: 'AmazonS3',
  apiVersion: '2006-03-01',
  protocols: ['restXml'],
  xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  takesFiles: true,
  otherSubresources: OTHER_SUBRESOURCES,
  operations: [
    sdk.AbortMultipartUpload$,
    sdk.CompleteMultipartUpload$,
    sdk.CopyObject$,
    sdk.CreateBucket$,
    sdk.CreateMultipartUpload$,
    sdk.DeleteBucket$,
    sdk.DeleteBucketCors$,
    sdk.DeleteBucketEncryption$,
    sdk.DeleteBucketLifecycle$,
    sdk.DeleteBucketOwnershipControls$,
    sdk.DeleteBucketPolicy$,
    sdk.DeleteBucketTagging$,
    sdk.DeleteObject$,
    sdk.DeleteObjects$,
    sdk.DeleteObjectTagging$,
    sdk.DeletePublicAccessBlock$,
    sdk.GetBucketAcl$,
    sdk.GetBucketCors$,
    sdk.GetBucketEncryption$,
    sdk.GetBucketLifecycleConfiguration$,
    sdk.GetBucketLocation$,
    sdk.GetBucketNotificationConfiguration$,
    sdk.GetBucketOwnershipControls$,
    sdk.GetBucketPolicy$,
    sdk.GetBucketTagging$,
    sdk.GetBucketVersioning$,
    sdk.GetObject$,
    sdk.GetObjectAcl$,
    sdk.GetObjectAttributes$,
    sdk.GetObjectTagging$,
    sdk.GetPublicAccessBlock$,
    sdk.HeadBucket$,
    sdk.HeadObject$,
    sdk.ListBuckets$,
    sdk.ListMultipartUploads$,
    sdk.ListObjects$,
    sdk.ListObjectsV2$,
    sdk.ListObjectVersions$,
    sdk.ListParts$,
    sdk.PutBucketCors$,
    sdk.PutBucketEncryption$,
    sdk.PutBucketLifecycleConfiguration$,
    sdk.PutBucketNotificationConfiguration$,
    sdk.PutBucketOwnershipControls$,
    sdk.PutBucketPolicy$,
    sdk.PutBucketTagging$,
    sdk.PutBucketVersioning$,
    sdk.PutObject$,
    sdk.PutObjectTagging$,
    sdk.PutPublicAccessBlock$,
    sdk.UploadPart$,
    sdk.UploadPartCopy$,
  ],
  // `bucket.s3.eu-west-1.amazonaws.com`, `bucket.s3.localhost`, `bucket.localhost`.
  hostLabel(hostname) {
    const label = isAwsHost(hostname)
      ? /^(.+)\.s3[.-]/.exec(hostname)?.[1]
      : /^(.+?)(?:\.s3)?\.localhost$/.exec(hostname)?.[1];
    return label === 's3' ? undefined : label;
  },
  // A body is read once its bucket is known, with the headers that say how.
  refine({ action, input, request }) {
    if (action !== 'PutObject' && action !== 'UploadPart') return;
    const upload: Upload = { bytes: request.body, fileBody: request.fileBody, headers: request.headers };
    input.Body = upload;
  },
  missingMembers: (_action, [path]) =>
    new AwsError(
      path.includes('Bucket') || path.includes('Key') ? 'InvalidRequest' : 'MalformedXML',
      path.length === 1
        ? `Missing required parameter ${path.join('.')}`
        : 'The XML you provided was not well-formed or did not validate against our published schema',
    ),
};
