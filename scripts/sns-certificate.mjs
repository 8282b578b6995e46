// Writes the key pair with which the emulated SNS signs, and its certificate, into the sources. They are constants so
// that a run with the same seed has the same signatures. The key is public, and protects nothing: what it signs is only
// valid with a certificate that comes from the emulator.
//
//   npm i --no-save reflect-metadata && node --import reflect-metadata scripts/sns-certificate.mjs
//   npx oxfmt lib/emulator/services/sns/signing/certificate.ts
import { createHash, webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);
const target = new URL('../lib/emulator/services/sns/signing/certificate.ts', import.meta.url);

// 1,024 bits rather than AWS's 2,048: signing is by far the slowest part of a publish, and takes a quarter of the time.
const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 1024,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const certificate = await x509.X509CertificateGenerator.createSelfSigned({
  serialNumber: '01',
  name: 'CN=sns.amazonaws.com, O=Spillway (not AWS)',
  notBefore: new Date('2000-01-01T00:00:00Z'),
  notAfter: new Date('2150-01-01T00:00:00Z'),
  signingAlgorithm: algorithm,
  keys,
});
const pem = certificate.toString('pem');
const id = createHash('md5').update(pem).digest('hex');
const { n, e, d, p, q, dp, dq, qi } = await webcrypto.subtle.exportKey('jwk', keys.privateKey);
const source = `// Written by scripts/sns-certificate.mjs.

/** The path of the certificate on SNS's host. */
export const CERTIFICATE_PATH = '/SimpleNotificationService-${id}.pem';

/** The certificate of the key that signs, in PEM. */
export const CERTIFICATE = [
${pem
  .trim()
  .split('\n')
  .map((line) => `  '${line}',`)
  .join('\n')}
  '',
].join('\\n');

/** The key that signs, as a JSON Web Key. It is no secret: it protects nothing. */
export const PRIVATE_KEY = ${JSON.stringify({ kty: 'RSA', n, e, d, p, q, dp, dq, qi })} as const;
`;
writeFileSync(target, source);
