import { port, type RequestContext } from '../../core';

/** KMS as the Parameter Store uses it: in the name of who puts or reads a secure string. */
export interface ParameterEncryption {
  encrypt(keyId: string, value: string, context: Readonly<Record<string, string>>, caller: RequestContext): Uint8Array;
  decrypt(ciphertext: Uint8Array, context: Readonly<Record<string, string>>, caller: RequestContext): string;
}

export const PARAMETER_ENCRYPTION = port<ParameterEncryption>('ssm/encryption');
