import { createHash } from 'node:crypto';
import { Crc32, Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';

/** The checksums that S3 keeps of objects. */
export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

/** The algorithms, with the headers and members that their values have. */
export const CHECKSUMS: readonly ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

/** How long a value is, in bytes. */
const LENGTHS: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** Takes bytes in parts. */
export interface Hash {
  update(bytes: Uint8Array): void;
  digest(): Promise<Buffer>;
}

export function hashOf(algorithm: ChecksumAlgorithm | 'MD5'): Hash {
  switch (algorithm) {
    case 'CRC32':
      return cyclic(new Crc32());
    case 'CRC32C':
      return cyclic(new Crc32c());
    case 'CRC64NVME':
      return cyclic(new Crc64Nvme());
    default: {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => void hash.update(bytes), digest: () => Promise.resolve(hash.digest()) };
    }
  }
}

function cyclic(checksum: { update(bytes: Uint8Array): void; digest(): Promise<Uint8Array> }): Hash {
  return {
    update: (bytes) => checksum.update(bytes),
    digest: async () => Buffer.from(await checksum.digest()),
  };
}

/** Whether a text is a value of an algorithm, in base64. */
export function isChecksum(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === LENGTHS[algorithm] && bytes.toString('base64') === value;
}

/** The header of an algorithm: `x-amz-checksum-crc32`. */
export const headerOf = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** The member of an algorithm in inputs and outputs: `ChecksumCRC32`. */
export const memberOf = <A extends ChecksumAlgorithm>(algorithm: A): `Checksum${A}` => `Checksum${algorithm}`;

export function readAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  return CHECKSUMS.find((algorithm) => algorithm === name?.toUpperCase());
}
