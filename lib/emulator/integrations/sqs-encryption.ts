import type { RequestContext } from '../core';
import type { IntegratedRegion } from './index';
import type { EncryptionContext, KeyService } from '../services/sqs';

/** KMS as the queues of one account and region use it: in the name of who sends or receives. */
export class KmsQueueEncryption implements KeyService {
  constructor(private readonly region: IntegratedRegion<'kms'>) {}

  public generateDataKey({ keyId, context, principal }: Parameters<KeyService['generateDataKey']>[0]) {
    const input = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: context } as const;
    const { Plaintext, CiphertextBlob } = this.region.api.kms.generateDataKey(input, this.callOf(principal));
    return { plaintext: given(Plaintext), ciphertext: given(CiphertextBlob) };
  }

  public decrypt(request: { ciphertext: Uint8Array; context: EncryptionContext; principal: string }): Uint8Array {
    const input = { CiphertextBlob: request.ciphertext, EncryptionContext: request.context };
    return given(this.region.api.kms.decrypt(input, this.callOf(request.principal)).Plaintext);
  }

  private callOf(principal: string): RequestContext {
    const { account, region } = this.region;
    return { account, region, principal, endpoint: `https://kms.${region}.amazonaws.com` };
  }
}

/** What KMS always gives, and the SDK's types leave open. */
function given(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('KMS answered without the bytes it was asked for');
  return bytes;
}
