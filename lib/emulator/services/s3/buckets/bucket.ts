import type {
  BucketLifecycleConfiguration,
  CORSConfiguration,
  NotificationConfiguration,
  OwnershipControls,
  PublicAccessBlockConfiguration,
  ServerSideEncryptionConfiguration,
  Tag,
} from '@aws-sdk/client-s3';
import type { RequestContext } from '../../../core';
import type { ResourcePolicy } from '../../../core/policy';
import type { MultipartUpload } from '../multipart/multipart-upload';
import type { ObjectEvent } from '../notifications/object-event';
import { ObjectIndex } from '../objects/object-index';

/** A bucket, its objects and its settings. */
export class Bucket {
  public readonly objects = new ObjectIndex();
  public readonly uploads = new Map<string, MultipartUpload>();
  /** Undefined until it is first switched on. */
  public versioning?: 'Enabled' | 'Suspended';
  public policy?: { readonly text: string; readonly compiled: ResourcePolicy };
  public cors?: CORSConfiguration;
  public lifecycle?: BucketLifecycleConfiguration;
  public tags?: readonly Tag[];
  public publicAccessBlock?: PublicAccessBlockConfiguration;
  public ownership?: OwnershipControls;
  public encryption?: ServerSideEncryptionConfiguration;
  public notifications: NotificationConfiguration = {};

  constructor(
    public readonly name: string,
    public readonly account: string,
    public readonly region: string,
    public readonly createdAt: number,
    /** Passes what has happened to an object on to the bucket's own service. */
    public readonly tell: (event: ObjectEvent, call: RequestContext) => void,
  ) {}

  public get arn(): string {
    return `arn:aws:s3:::${this.name}`;
  }

  /** Whether each write makes a version. */
  public get isVersioned(): boolean {
    return this.versioning === 'Enabled';
  }
}
