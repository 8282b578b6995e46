import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { document, emulated, replacing, required, text } from '../../../cloudformation/provider/shapes';
import type { S3 } from '../s3';

/** The policy of a bucket. */
export const s3BucketPolicy = define({
  type: 'AWS::S3::BucketPolicy',
  properties: { Bucket: replacing(required(emulated(text))), PolicyDocument: required(emulated(document)) },
  create({ properties: { Bucket, PolicyDocument } }, { service, call }: ResourceContext<S3>) {
    service.putBucketPolicy({ Bucket, Policy: JSON.stringify(PolicyDocument) }, call);
    return { ref: Bucket, attributes: {} };
  },
  update({ ref, properties: { Bucket, PolicyDocument } }, { service, call }: ResourceContext<S3>) {
    service.putBucketPolicy({ Bucket, Policy: JSON.stringify(PolicyDocument) }, call);
    return { ref, attributes: {} };
  },
  delete({ ref: Bucket }, { service, call }: ResourceContext<S3>) {
    unlessGone(() => service.deleteBucketPolicy({ Bucket }, call), 'NoSuchBucket');
  },
});
