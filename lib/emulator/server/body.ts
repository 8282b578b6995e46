import { createWriteStream, rmSync, type WriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { FileBody } from '../protocol';

const EMPTY = new Uint8Array();
/** What is kept in memory of a body that may go to a file. */
const LONGEST_IN_MEMORY = 1_024 * 1_024;

/** Where a body may go. */
export interface BodyTerms {
  /** The longest that is accepted, in bytes, if it does not go to a file. */
  readonly maximum: number;
  /**
   * Returns the path of a new file for a longer body.
   * @default - the body stays in memory
   */
  readonly file?: () => string;
}

/** A body that has been read. */
export type ReadBody = Uint8Array | FileBody;

/**
 * Reads a request's body and passes it to `done`, or undefined if it is longer than accepted: it is then read to the
 * end, so that the caller receives the response, but not kept. If the caller hangs up midway, `done` is not called.
 *
 * Most bodies arrive in one chunk, which is passed on as it is. A promise and a hang-up listener would cost each
 * request a twentieth of its time, so this takes a callback.
 */
export function collectBody(
  message: IncomingMessage,
  { maximum, file }: BodyTerms,
  done: (body: ReadBody | undefined) => void,
): void {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let length = 0;
  let spool: Spool | undefined;
  message.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (spool !== undefined) {
      spool.write(chunk);
    } else if (file !== undefined && length > LONGEST_IN_MEMORY) {
      spool = new Spool(message, file());
      for (const kept of more ?? (first === undefined ? [] : [first])) spool.write(kept);
      spool.write(chunk);
      first = more = undefined;
    } else if (length > maximum) {
      first = more = undefined;
    } else if (first === undefined) {
      first = chunk;
    } else {
      (more ??= [first]).push(chunk);
    }
  });
  message.on('end', () => {
    if (spool !== undefined) spool.end(() => done({ file: spool?.path ?? '', start: 0, length }));
    else if (length > maximum) done(undefined);
    else done(more === undefined ? (first ?? EMPTY) : Buffer.concat(more, length));
  });
}

/** A body that is written to a file as it arrives, no faster than the disk takes it. */
class Spool {
  private readonly stream: WriteStream;
  private isComplete = false;

  constructor(
    private readonly message: IncomingMessage,
    public readonly path: string,
  ) {
    this.stream = createWriteStream(path);
    this.stream.on('error', (error) => message.destroy(error));
    message.on('close', () => {
      if (this.isComplete) return;
      this.stream.destroy();
      rmSync(path, { force: true });
    });
  }

  public write(chunk: Buffer): void {
    if (this.stream.write(chunk) || this.message.isPaused()) return;
    this.message.pause();
    this.stream.once('drain', () => this.message.resume());
  }

  public end(done: () => void): void {
    this.isComplete = true;
    this.stream.end(done);
  }
}
