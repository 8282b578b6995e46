import { AwsError } from '../../core';
import { defineService } from '../service-definition';
import { NOTIFIED_FUNCTIONS, OBJECT_FILES } from './ports';
import { protocol } from './protocol';
import { s3Bucket } from './resources/bucket';
import { s3BucketPolicy } from './resources/bucket-policy';
import { cdkBucketProviders } from './resources/cdk-buckets';
import { type BucketView, S3 } from './s3';
import { testing } from './testing';

export { NOTIFIED_FUNCTIONS, type NotifiedFunctions, OBJECT_FILES, type ObjectFiles } from './ports';
export { type AssetSource, type BucketView, S3 } from './s3';

/** Amazon S3, and the file assets of CDK apps. */
export const s3 = defineService<'s3', S3, object, { readonly buckets: readonly BucketView[] }, typeof testing>({
  name: 's3',
  protocol,
  errors: {
    throttled: () => new AwsError('SlowDown', 'Please reduce your request rate.', { status: 503 }),
    internal: { shape: 'InternalError' },
  },
  resourceTypes: [s3Bucket, s3BucketPolicy, ...cdkBucketProviders],
  resourcesOf: ({ Bucket, Key }) => [Bucket, Key].filter((name): name is string => typeof name === 'string'),
  status: { sections: ['buckets'], of: (service) => ({ buckets: service.views() }) },
  testing,
  create: ({ use, ...dependencies }) =>
    new S3({
      ...dependencies,
      files: () => use(OBJECT_FILES),
      functions: () => use(NOTIFIED_FUNCTIONS),
    }),
});
