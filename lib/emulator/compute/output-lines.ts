import { StringDecoder } from 'node:string_decoder';

/** The longest line that CloudWatch Logs accepts from Lambda, in bytes of UTF-8. */
const LONGEST_LINE = 256 * 1024;
/** The longest end mark of an invocation's output. A mark starts with a zero byte. */
const LONGEST_MARK = 64;

/**
 * Splits a stream of output into lines, which end in `\n`, `\r\n` or `\r`. Lines longer than 256 KB are split further.
 * Characters that span chunks are reassembled.
 */
export class OutputLines {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';
  private restBytes = 0;
  /** Whether the last line ended in `\r` at the end of a chunk: a following `\n` then belongs to it. */
  private endedInReturn = false;

  constructor(private readonly take: (line: string) => void) {}

  public push(chunk: Buffer | string): void {
    let text = typeof chunk === 'string' ? chunk : this.decoder.write(chunk);
    if (text === '') return;
    if (this.endedInReturn && text.startsWith('\n')) text = text.slice(1);
    this.endedInReturn = text.endsWith('\r');
    const pieces = text.split(/\r\n|[\r\n]/);
    const last = pieces.pop() as string;
    for (const piece of pieces) {
      this.append(piece);
      this.flush();
    }
    this.append(last);
  }

  /** Ends the stream: output without a line ending becomes a line. */
  public end(): void {
    this.push(this.decoder.end());
    if (this.rest !== '') this.flush();
  }

  /** Scans only the new part: a line in many chunks costs no more than one in a single chunk. */
  private append(piece: string): void {
    this.rest += piece;
    this.restBytes += Buffer.byteLength(piece);
    if (this.restBytes > LONGEST_LINE) this.cut();
  }

  private cut(): void {
    const bytes = Buffer.from(this.rest);
    let from = 0;
    while (bytes.length - from > LONGEST_LINE) {
      const to = endOfCut(bytes, from + LONGEST_LINE);
      this.take(bytes.toString('utf8', from, to));
      from = to;
    }
    this.rest = bytes.toString('utf8', from);
    this.restBytes = bytes.length - from;
  }

  private flush(): void {
    const line = this.rest;
    this.rest = '';
    this.restBytes = 0;
    this.take(line);
  }
}

/** The last place at or before `at` that splits neither a character nor a mark. */
function endOfCut(bytes: Buffer, at: number): number {
  const mark = bytes.lastIndexOf(0, at - 1);
  if (mark > at - LONGEST_MARK) return mark;
  let end = at;
  while ((bytes[end] & 0xc0) === 0x80) end--; // in the middle of a character
  return end;
}
