import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { AssemblyError } from './assembly-error';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/** Whether the file begins as zip archives do. */
export function isZip(file: string): boolean {
  return readFileSync(file).subarray(0, 2).toString('latin1') === 'PK';
}

/**
 * Unpacks a zip archive as Lambda takes them: plain or deflated entries, not encrypted, no zip64.
 *
 * @throws {AssemblyError} where it is none
 */
export function unzip(file: string, directory: string): void {
  const archive = readFileSync(file);
  const refuse = (problem: string): never => {
    throw new AssemblyError(file, problem);
  };
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || archive.readUInt32LE(end) !== END_OF_DIRECTORY) refuse('it is no zip archive');
  const root = resolve(directory);
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== DIRECTORY_ENTRY) refuse('its directory is damaged');
    const method = archive.readUInt16LE(at + 10);
    const size = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    // What Unix calls a file's mode, where the archive was made by a tool that keeps it: programs stay executable.
    const mode = archive.readUInt16LE(at + 40) & 0o777 || 0o644;
    const header = archive.readUInt32LE(at + 42);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const target = resolve(root, name);
    if (target !== root && !target.startsWith(root + sep)) refuse(`its entry ${name} leads out of it`);
    if (name.endsWith('/')) {
      mkdirSync(target, { recursive: true });
      continue;
    }
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const data = archive.subarray(start, start + size);
    if (method !== STORED && method !== DEFLATED) refuse(`its entry ${name} is packed in a way that is not supported`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, method === STORED ? data : inflateRawSync(data), { mode: mode | 0o600 });
  }
}
