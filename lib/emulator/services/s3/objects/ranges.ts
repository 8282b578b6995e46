import { invalidRange } from '../errors';

/** A part of an object. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * The part that a Range header asks for; undefined for the whole, also where S3 ignores the header.
 * @throws AwsError if there is nothing there
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (header === undefined || match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, from, to] = match;
  if (from === '') {
    const last = Number(to);
    if (last === 0 || size === 0) throw invalidRange(size, header);
    const length = Math.min(last, size);
    return { start: size - length, length };
  }
  const start = Number(from);
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < start) return undefined;
  if (start >= size) throw invalidRange(size, header);
  return { start, length: end - start + 1 };
}
