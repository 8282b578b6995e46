import type { ObjectVersion } from '../objects/object-version';

/** What has happened to an object. */
export interface ObjectEvent {
  /** As notifications name it: `ObjectCreated:Put`. */
  readonly name: string;
  readonly key: string;
  readonly at: number;
  /** The version that it happened to; of one that is gone, what there was. */
  readonly version?: ObjectVersion;
  readonly versionId?: string;
  readonly sequencer: string;
}
