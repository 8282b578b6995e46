import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { checkUnzippedSize } from './function-configuration';
import { AssemblyError } from '../../../cloudformation/assembly-error';

const END_OF_DIRECTORY = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const END_LENGTH = 22;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_LENGTH = 46;
const FILE_HEADER_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;
/** The smallest buffer into which zlib inflates. */
const SMALLEST_CHUNK = 64;

/** Whether the file starts like a zip archive. */
export function isZip(file: string): boolean {
  return readFileSync(file).subarray(0, 2).toString('latin1') === 'PK';
}

/**
 * Unpacks a zip archive of the kind that Lambda accepts: stored or deflated entries, no encryption, no zip64.
 *
 * Nothing is written before the whole directory of the archive has been validated.
 * @throws {AssemblyError} if the file is not such an archive
 * @throws {AwsError} if its files are larger than Lambda allows
 */
export function unzip(file: string, directory: string): void {
  const { archive, entries, refuse } = openArchive(file);
  const root = resolve(directory);
  for (const entry of entries) {
    const target = resolve(root, entry.name);
    if (entry.name.endsWith('/')) {
      mkdirSync(target, { recursive: true });
      continue;
    }
    const data = unpacked(archive, entry);
    if (data === undefined) return refuse(`its entry ${entry.name} is damaged`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, data, { mode: entry.mode | 0o600 });
  }
}

/**
 * Checks that a file is an archive that {@link unzip} can unpack, apart from damaged entries.
 * @throws {AssemblyError} if it is not
 * @throws {AwsError} if its files are larger than Lambda allows
 */
export function checkArchive(file: string): void {
  openArchive(file);
}

function openArchive(file: string): { archive: Buffer; entries: Entry[]; refuse: (problem: string) => never } {
  const archive = readFileSync(file);
  const refuse = (problem: string): never => {
    throw new AssemblyError(file, problem);
  };
  const entries = readDirectory(archive, refuse);
  const root = resolve('/var/task'); // any folder does
  for (const { name, method } of entries) {
    const target = resolve(root, name);
    if (target !== root && !target.startsWith(root + sep)) refuse(`its entry ${name} leads out of it`);
    if (method !== STORED && method !== DEFLATED) refuse(`its entry ${name} is packed in a way that is not supported`);
  }
  checkUnzippedSize(entries.reduce((sum, { size }) => sum + size, 0));
  return { archive, entries, refuse };
}

/** A file or folder in an archive, from the archive's directory. */
interface Entry {
  readonly name: string;
  readonly method: number;
  readonly mode: number;
  /** Unpacked size, in bytes. */
  readonly size: number;
  readonly packedSize: number;
  /** The offset of its header in the archive. */
  readonly header: number;
}

function readDirectory(archive: Buffer, refuse: (problem: string) => never): Entry[] {
  const end = archive.lastIndexOf(END_OF_DIRECTORY);
  if (end < 0 || end + END_LENGTH > archive.length) refuse('it is no zip archive');
  const entries: Entry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + DIRECTORY_ENTRY_LENGTH > end || archive.readUInt32LE(at) !== DIRECTORY_ENTRY) {
      refuse('its directory is damaged');
    }
    const nameLength = archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + DIRECTORY_ENTRY_LENGTH, at + DIRECTORY_ENTRY_LENGTH + nameLength),
      method: archive.readUInt16LE(at + 10),
      // The Unix file mode, if the tool that created the archive stored it: executables stay executable.
      mode: archive.readUInt16LE(at + 40) & 0o777 || 0o644,
      packedSize: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      header: archive.readUInt32LE(at + 42),
    });
    at += DIRECTORY_ENTRY_LENGTH + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/** An entry's content; undefined if it does not match the directory. */
function unpacked(archive: Buffer, { method, size, packedSize, header }: Entry): Buffer | undefined {
  if (header + FILE_HEADER_LENGTH > archive.length) return undefined;
  const start = header + FILE_HEADER_LENGTH + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const packed = archive.subarray(start, start + packedSize);
  if (method === STORED) return packed.length === size ? packed : undefined;
  try {
    // One buffer of the size in the directory: a larger entry fails as soon as it exceeds it.
    const chunkSize = Math.max(size + 1, SMALLEST_CHUNK);
    const data = inflateRawSync(packed, { chunkSize, maxOutputLength: chunkSize });
    return data.length === size ? data : undefined;
  } catch {
    return undefined;
  }
}
