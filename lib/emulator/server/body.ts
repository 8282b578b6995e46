import type { IncomingMessage } from 'node:http';

const EMPTY = new Uint8Array();

/**
 * Reads a request's body. Most come in one chunk, which is given as it is. One longer than `maximum` is read to its
 * end, so that the caller hears the answer, but not kept.
 */
export function collectBody(message: IncomingMessage, maximum: number): Promise<Uint8Array | 'too long' | 'aborted'> {
  return new Promise((resolve) => {
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let length = 0;
    message.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maximum) {
        first = more = undefined;
      } else if (first === undefined) {
        first = chunk;
      } else {
        (more ??= [first]).push(chunk);
      }
    });
    message.once('end', () => {
      if (length > maximum) resolve('too long');
      else resolve(more === undefined ? (first ?? EMPTY) : Buffer.concat(more, length));
    });
    message.once('close', () => resolve('aborted'));
  });
}
