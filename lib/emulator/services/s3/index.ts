import { defineService } from '../service-definition';
import { S3 } from './s3';

export { type AssetSource, S3 } from './s3';

/** Amazon S3: CDK's file assets. */
export const s3 = defineService<'s3', S3>({ name: 's3', create: () => new S3() });
