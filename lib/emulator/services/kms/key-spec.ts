import type { KeyMetadata, KeySpec, KeyUsageType } from '@aws-sdk/client-kms';
import { unsupportedOperation, validation } from './errors';
import { checkOneOf } from './validation';

/** The usages and algorithms of a key spec. */
interface Spec {
  readonly usages: readonly KeyUsageType[];
  readonly signing?: KeyMetadata['SigningAlgorithms'];
  readonly mac?: KeyMetadata['MacAlgorithms'];
}

const rsa: Spec = {
  usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  signing: [
    'RSASSA_PKCS1_V1_5_SHA_256',
    'RSASSA_PKCS1_V1_5_SHA_384',
    'RSASSA_PKCS1_V1_5_SHA_512',
    'RSASSA_PSS_SHA_256',
    'RSASSA_PSS_SHA_384',
    'RSASSA_PSS_SHA_512',
  ],
};

const SPECS = {
  ECC_NIST_P256: { usages: ['SIGN_VERIFY', 'KEY_AGREEMENT'], signing: ['ECDSA_SHA_256'] },
  ECC_NIST_P384: { usages: ['SIGN_VERIFY', 'KEY_AGREEMENT'], signing: ['ECDSA_SHA_384'] },
  ECC_NIST_P521: { usages: ['SIGN_VERIFY', 'KEY_AGREEMENT'], signing: ['ECDSA_SHA_512'] },
  ECC_SECG_P256K1: { usages: ['SIGN_VERIFY'], signing: ['ECDSA_SHA_256'] },
  HMAC_224: { usages: ['GENERATE_VERIFY_MAC'], mac: ['HMAC_SHA_224'] },
  HMAC_256: { usages: ['GENERATE_VERIFY_MAC'], mac: ['HMAC_SHA_256'] },
  HMAC_384: { usages: ['GENERATE_VERIFY_MAC'], mac: ['HMAC_SHA_384'] },
  HMAC_512: { usages: ['GENERATE_VERIFY_MAC'], mac: ['HMAC_SHA_512'] },
  RSA_2048: rsa,
  RSA_3072: rsa,
  RSA_4096: rsa,
  SYMMETRIC_DEFAULT: { usages: ['ENCRYPT_DECRYPT'] },
} as const satisfies Partial<Record<KeySpec, Spec>>;

type KnownSpec = keyof typeof SPECS;

/** A key's spec, usage and algorithms. */
export type KeyKind = Pick<
  KeyMetadata,
  'KeySpec' | 'KeyUsage' | 'EncryptionAlgorithms' | 'SigningAlgorithms' | 'MacAlgorithms' | 'KeyAgreementAlgorithms'
>;

export const SYMMETRIC: KeyKind = {
  KeySpec: 'SYMMETRIC_DEFAULT',
  KeyUsage: 'ENCRYPT_DECRYPT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
};

/**
 * The kind of key that CreateKey requests. Keys for signing, MACs or key agreement can be created, so that misusing
 * them fails as on AWS; keys for encryption are symmetric only.
 */
export function keyKind(spec: string = 'SYMMETRIC_DEFAULT', usage?: string): KeyKind {
  checkOneOf('keySpec', spec, Object.keys(SPECS));
  const keySpec = spec as KnownSpec;
  if (keySpec !== 'SYMMETRIC_DEFAULT' && usage === undefined) {
    throw validation('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  const { usages, signing, mac }: Spec = SPECS[keySpec];
  checkOneOf('keyUsage', usage, ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT']);
  const keyUsage = usages.find((allowed) => allowed === (usage ?? 'ENCRYPT_DECRYPT'));
  if (keyUsage === undefined) throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  if (keySpec === 'SYMMETRIC_DEFAULT') return SYMMETRIC;
  if (keyUsage === 'ENCRYPT_DECRYPT') {
    throw unsupportedOperation(`KeySpec ${spec} with KeyUsage ENCRYPT_DECRYPT is not emulated: use SYMMETRIC_DEFAULT.`);
  }
  return {
    KeySpec: keySpec,
    KeyUsage: keyUsage,
    ...(keyUsage === 'SIGN_VERIFY' && { SigningAlgorithms: signing }),
    ...(keyUsage === 'GENERATE_VERIFY_MAC' && { MacAlgorithms: mac }),
    ...(keyUsage === 'KEY_AGREEMENT' && { KeyAgreementAlgorithms: ['ECDH'] }),
  };
}
