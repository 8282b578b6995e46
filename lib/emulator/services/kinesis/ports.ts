import { port, type RequestContext } from '../../core';

/** KMS as streams use it, on behalf of producers and consumers. Throws KMS's AwsError if it refuses. */
export interface StreamKeys {
  /** Returns a new data key, encrypted. */
  generate(keyId: string, streamArn: string, caller: RequestContext): Uint8Array;
  /** Decrypts a data key. */
  decrypt(sealedKey: Uint8Array, streamArn: string, caller: RequestContext): void;
}

/** The KMS keys of streams. */
export const STREAM_KEYS = port<StreamKeys>('kinesis/keys');
