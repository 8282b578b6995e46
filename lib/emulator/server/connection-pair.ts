import { Duplex } from 'node:stream';

/** Two ends of a connection in memory: what one writes, the other reads. */
export function connectionPair(): [Duplex, Duplex] {
  const a = new ConnectionEnd();
  const b = new ConnectionEnd();
  a.join(b);
  b.join(a);
  return [a, b];
}

class ConnectionEnd extends Duplex {
  private other?: ConnectionEnd;
  private written?: () => void;
  private inputEnded = false;

  constructor() {
    // An end whose other end is gone has nothing left to do.
    super({ allowHalfOpen: false });
  }

  public join(other: ConnectionEnd): void {
    this.other = other;
  }

  // HTTP asks its sockets for these; a connection in memory has neither a timeout nor a kernel buffer.
  public setTimeout(): this {
    return this;
  }

  public setNoDelay(): this {
    return this;
  }

  public setKeepAlive(): this {
    return this;
  }

  public ref(): this {
    return this;
  }

  public unref(): this {
    return this;
  }

  public override _read(): void {
    const written = this.other?.written;
    if (this.other === undefined || written === undefined) return;
    this.other.written = undefined;
    written();
  }

  public override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    // An end that is gone drops what it gets.
    if (this.other === undefined || this.other.destroyed || this.other.inputEnded || this.other.push(chunk)) done();
    else this.written = done;
  }

  public override _final(done: () => void): void {
    this.other?.endOfInput();
    done();
  }

  public override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // What was written before can still be read; then the other end sees the connection closed, and ends too.
    setImmediate(() => this.other?.endOfInput());
    done(error);
  }

  private endOfInput(): void {
    const { written } = this;
    this.written = undefined;
    written?.();
    if (this.inputEnded || this.destroyed) return;
    this.inputEnded = true;
    this.push(null);
  }
}
