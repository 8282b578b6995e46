import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { CERTIFICATE_PATH, PRIVATE_KEY } from './certificate';

/** The parts of a message that are signed, by name. */
export type SignedFields = Readonly<Record<string, string | undefined>>;

const ALGORITHMS: Readonly<Record<string, string>> = { 1: 'RSA-SHA1', 2: 'RSA-SHA256' };

let key: KeyObject | undefined;

/** Signs a message as SNS does: the names and values of its fields, each on a line, in the order of the names. */
export function signatureOf(fields: SignedFields, version: string): string {
  key ??= createPrivateKey({ key: { ...PRIVATE_KEY }, format: 'jwk' });
  const text = Object.keys(fields)
    .sort()
    .map((name) => (fields[name] === undefined ? '' : `${name}\n${fields[name]}\n`))
    .join('');
  return sign(ALGORITHMS[version], Buffer.from(text), key).toString('base64');
}

/** Where the certificate of the signatures is: on a host of AWS, which is redirected to the emulator. */
export function certificateUrl(region: string): string {
  return `https://sns.${region}.amazonaws.com${CERTIFICATE_PATH}`;
}
