import { incompleteBody } from '../errors';

const LONGEST_LINE = 8_192;

/**
 * Reads a body in the `aws-chunked` encoding, in which SDKs sign parts or send a checksum after the data. Takes it in
 * pieces of any size, and passes the data on as it comes. Signatures are not verified.
 */
export class ChunkedBody {
  /** The lines after the last chunk, by lower-case name. */
  public readonly trailers = new Map<string, string>();
  private state: 'size' | 'data' | 'end of data' | 'trailer' | 'done' = 'size';
  private line: Buffer = Buffer.alloc(0);
  private left = 0;

  constructor(private readonly data: (bytes: Uint8Array) => void) {}

  public push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.state !== 'done') {
      if (this.state === 'data') {
        const end = Math.min(bytes.length, at + this.left);
        this.data(bytes.subarray(at, end));
        this.left -= end - at;
        at = end;
        if (this.left === 0) this.state = 'end of data';
        continue;
      }
      const newline = bytes.indexOf(10, at);
      const end = newline < 0 ? bytes.length : newline + 1;
      this.line = Buffer.concat([this.line, bytes.subarray(at, end)]);
      at = end;
      if (this.line.length > LONGEST_LINE) throw incompleteBody();
      if (newline < 0) return;
      const text = this.line.toString('latin1').trimEnd();
      this.line = Buffer.alloc(0);
      this.take(text);
    }
  }

  /** @throws AwsError if the body ended early */
  public end(): void {
    // A body may end with the last chunk, without an empty line.
    if (this.state !== 'done' && this.state !== 'trailer') throw incompleteBody();
  }

  private take(line: string): void {
    if (this.state === 'end of data') {
      if (line !== '') throw incompleteBody();
      this.state = 'size';
    } else if (this.state === 'size') {
      const size = /^([0-9a-f]{1,13})(?:;|$)/i.exec(line)?.[1];
      if (size === undefined) throw incompleteBody();
      this.left = Number.parseInt(size, 16);
      this.state = this.left === 0 ? 'trailer' : 'data';
    } else if (line === '') {
      this.state = 'done';
    } else {
      const colon = line.indexOf(':');
      if (colon > 0) this.trailers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
  }
}
