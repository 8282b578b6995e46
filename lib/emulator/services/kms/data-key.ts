import type { GenerateDataKeyRequest } from '@aws-sdk/client-kms';
import { validation } from './errors';
import { checkOneOf, checkRange } from './validation';

/** The length of a requested data key, in bytes. A request names either a KeySpec or a NumberOfBytes, not both. */
export function dataKeyLength({ KeySpec, NumberOfBytes }: GenerateDataKeyRequest): number {
  checkOneOf('keySpec', KeySpec, ['AES_256', 'AES_128']);
  checkRange('numberOfBytes', NumberOfBytes, 1, 1_024);
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  return NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32);
}
