import { port, type RequestContext } from '../../core';

type EncryptionContext = Readonly<Record<string, string>>;

/** KMS as Secrets Manager uses it: in the name of who puts or reads a secret. */
export interface SecretEncryption {
  encrypt(keyId: string, value: string, context: EncryptionContext, caller: RequestContext): Uint8Array;
  decrypt(ciphertext: Uint8Array, context: EncryptionContext, caller: RequestContext): string;
}

/** The functions that rotate secrets. */
export interface RotationFunctions {
  /** @throws AwsError if there is no such function, or its policy refuses the caller */
  check(functionArn: string, caller: RequestContext): void;
  /** Runs a step. Resolves to the function's error; undefined if it succeeded. */
  invoke(functionArn: string, event: object, caller: RequestContext): Promise<string | undefined>;
}

export const SECRET_ENCRYPTION = port<SecretEncryption>('secretsmanager/encryption');
export const ROTATION_FUNCTIONS = port<RotationFunctions>('secretsmanager/rotation-functions');
