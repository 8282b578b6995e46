import type { RequestContext } from '../core';
import type { IntegratedRegion } from './index';
import type { KeyService, KeyUser } from '../services/sqs';

/** KMS as the queues of one account and region use it: in the name of who sends or receives. */
export class KmsQueueEncryption implements KeyService {
  constructor(private readonly region: IntegratedRegion<'kms'>) {}

  public generateDataKey({ keyId, context, user }: Parameters<KeyService['generateDataKey']>[0]) {
    const input = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: context } as const;
    const { Plaintext, CiphertextBlob } = this.region.api.kms.generateDataKey(input, this.callOf(user));
    const ciphertext = given(CiphertextBlob);
    // SQS also checks the new data key, which needs a permission of its own.
    if (user.identity !== undefined || !user.principal.startsWith('arn:')) this.decrypt({ ciphertext, context, user });
    return { plaintext: given(Plaintext), ciphertext };
  }

  public decrypt({ ciphertext, context, user }: Parameters<KeyService['decrypt']>[0]): Uint8Array {
    const input = { CiphertextBlob: ciphertext, EncryptionContext: context };
    return given(this.region.api.kms.decrypt(input, this.callOf(user)).Plaintext);
  }

  private callOf({ account, principal, sourceArn, sourceAccount, identity }: KeyUser): RequestContext {
    const { region } = this.region;
    const endpoint = `https://kms.${region}.amazonaws.com`;
    // A service calls in its own name; for anyone else, SQS does.
    const viaService = principal.startsWith('arn:') ? `sqs.${region}.amazonaws.com` : undefined;
    return { account, region, principal, sourceArn, sourceAccount, endpoint, identity, viaService };
  }
}

/** What KMS always gives, and the SDK's types leave open. */
function given(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('KMS answered without the bytes it was asked for');
  return bytes;
}
