import type { ChecksumAlgorithm } from './hashes';
import type { Content } from './content';

/** The checksum of an object: of all its bytes, or of the checksums of its parts. */
export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** The headers of an object that its caller chose. */
export interface ObjectHeaders {
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly cacheControl?: string;
  readonly expires?: Date;
  readonly websiteRedirectLocation?: string;
  readonly storageClass?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A part of an object that was uploaded in parts. */
export interface ObjectPart {
  readonly start: number;
  readonly size: number;
  readonly checksum: StoredChecksum;
}

/** A version of an object; of a bucket without versioning, the object itself. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` where the bucket's versioning was off. */
  readonly versionId: string;
  readonly lastModified: number;
  /** Orders the events of a key. */
  readonly sequencer: string;
  /** Whether it stands for a deletion. */
  readonly isDeleteMarker: boolean;
  /** Without quotes. */
  readonly etag: string;
  readonly content: Content;
  readonly headers: ObjectHeaders;
  readonly checksum: StoredChecksum;
  readonly parts?: readonly ObjectPart[];
  /** The KMS key that it is encrypted with. */
  readonly kmsKeyId?: string;
  tags: readonly { readonly Key: string; readonly Value: string }[];
}
