import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of output into lines. Bytes of a character that a chunk splits are put together again. */
export class OutputLines {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  constructor(private readonly take: (line: string) => void) {}

  public push(chunk: Buffer | string): void {
    const lines = (this.rest + (typeof chunk === 'string' ? chunk : this.decoder.write(chunk))).split(/\r?\n/);
    this.rest = lines.pop() as string;
    lines.forEach(this.take);
  }

  /** The stream has ended: what it left without a line end is a line too. */
  public end(): void {
    this.push(this.decoder.end());
    if (this.rest !== '') this.take(this.rest);
    this.rest = '';
  }
}
