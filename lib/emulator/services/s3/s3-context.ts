import type { Clock, Random } from '../../clock';
import type { RequestContext } from '../../core';
import type { Bucket } from './buckets/bucket';
import type { ObjectFiles } from './objects/content';

/** What the actions on buckets and objects share. */
export interface S3Context {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: () => ObjectFiles;
  /**
   * The bucket of this name, for a caller who may do this with it.
   * @param action without its service: `GetObject`
   * @throws AwsError NoSuchBucket, PermanentRedirect or AccessDenied
   */
  bucket(name: string | undefined, action: string, call: RequestContext, key?: string): Bucket;
  /** Orders events and versions: later ones have greater ones. */
  sequencer(): string;
}
