import type { ChecksumAlgorithm } from '../objects/hashes';
import type { Content } from '../objects/content';
import type { ObjectHeaders, StoredChecksum } from '../objects/object-version';

/** A part that has been uploaded. */
export interface UploadedPart {
  readonly number: number;
  /** Without quotes: the MD5 of the part in hexadecimal. */
  readonly etag: string;
  readonly content: Content;
  readonly checksum: StoredChecksum;
  readonly lastModified: number;
}

/** An object that is being uploaded in parts. */
export interface MultipartUpload {
  readonly id: string;
  readonly key: string;
  readonly initiated: number;
  readonly headers: ObjectHeaders;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly kmsKeyId?: string;
  /** How the object's checksum will be made. */
  readonly checksum: {
    readonly algorithm: ChecksumAlgorithm;
    readonly type: StoredChecksum['type'];
    readonly named: boolean;
  };
  readonly parts: Map<number, UploadedPart>;
}
