import type { GenerateDataKeyRequest } from '@aws-sdk/client-kms';
import { validation } from './errors';
import { checkOneOf, checkRange } from './validation';

/** How many bytes the data key that a request asks for has: it says so by a spec or by their number, not by both. */
export function dataKeyLength({ KeySpec, NumberOfBytes }: GenerateDataKeyRequest): number {
  checkOneOf('keySpec', KeySpec, ['AES_256', 'AES_128']);
  checkRange('numberOfBytes', NumberOfBytes, 1, 1_024);
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  return NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32);
}
