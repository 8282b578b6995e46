import type { RequestContext } from '../core';
import type { StreamKeys } from '../services/kinesis';
import type { IntegratedRegion } from './index';

/** KMS as the streams of one account and Region use it: in the name of producers and consumers. */
export class KmsStreamKeys implements StreamKeys {
  constructor(private readonly place: IntegratedRegion<'kms'>) {}

  public generate(keyId: string, streamArn: string, caller: RequestContext): Uint8Array {
    const EncryptionContext = { 'aws:kinesis:arn': streamArn };
    const input = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext } as const;
    const { CiphertextBlob } = this.place.api.kms.generateDataKey(input, this.callOf(caller));
    if (CiphertextBlob === undefined) throw new Error('KMS answered without the bytes it was asked for');
    return CiphertextBlob;
  }

  public decrypt(sealedKey: Uint8Array, streamArn: string, caller: RequestContext): void {
    const input = { CiphertextBlob: sealedKey, EncryptionContext: { 'aws:kinesis:arn': streamArn } };
    this.place.api.kms.decrypt(input, this.callOf(caller));
  }

  private callOf(caller: RequestContext): RequestContext {
    const { region } = this.place;
    return { ...caller, region, endpoint: `https://kms.${region}.amazonaws.com` };
  }
}
