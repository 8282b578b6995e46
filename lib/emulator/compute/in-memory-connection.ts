import { AsyncResource } from 'node:async_hooks';
import { Duplex } from 'node:stream';
import type { Clock, Timer } from '../clock';

type Done = (error?: Error | null) => void;

/**
 * A connection without a socket: what is written to one end can be read from the other. Each end has the few socket
 * methods that Node's HTTP client and server call.
 *
 * Bytes arrive within the same turn of the event loop but, as with sockets, never inside the call that sent them. Their
 * handlers run in the async context in which the connection was made, not in the sender's.
 * @param clock the clock for the client's idle timeout; the server's end has no timeout and never hangs up by itself
 */
export function inMemoryConnection(clock: Clock): { client: InMemorySocket; server: InMemorySocket } {
  const client = new InMemorySocket(clock, clock, false);
  const server = new InMemorySocket(clock, undefined, true);
  client.join(server);
  server.join(client);
  return { client, server };
}

/** One end of an {@link inMemoryConnection}. */
export class InMemorySocket extends Duplex {
  public readonly connecting = false;
  public readonly remoteAddress = '127.0.0.1';
  public readonly remoteFamily = 'IPv4';
  private readonly context = new AsyncResource('InMemorySocket');
  private peer!: InMemorySocket;
  private waitingForReader?: Done;
  private idleTimeout = 0;
  private idleTimer?: Timer;

  constructor(
    private readonly activity: Pick<Clock, 'notifyActivity'>,
    private readonly clock: Clock | undefined,
    allowHalfOpen: boolean,
  ) {
    super({ allowHalfOpen, emitClose: true });
  }

  /** @internal */
  public join(peer: InMemorySocket): void {
    this.peer = peer;
  }

  /** Emits `timeout` if nothing is sent or received for this many milliseconds of the clock; 0 turns it off. */
  public setTimeout(milliseconds: number, listener?: () => void): this {
    this.idleTimeout = milliseconds;
    if (listener !== undefined) {
      if (milliseconds === 0) this.off('timeout', listener);
      else this.once('timeout', listener);
    }
    this.restartIdleTimer();
    return this;
  }

  public setKeepAlive(): this {
    return this;
  }

  public setNoDelay(): this {
    return this;
  }

  public ref(): this {
    return this;
  }

  public unref(): this {
    return this;
  }

  /** Closes once everything written has been delivered. */
  public destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  public override _read(): void {
    const done = this.waitingForReader;
    this.waitingForReader = undefined;
    done?.();
  }

  public override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.restartIdleTimer();
    this.activity.notifyActivity();
    process.nextTick(() => this.peer.receive(chunk, done));
  }

  public override _final(done: Done): void {
    process.nextTick(() => this.peer.hangUp());
    done();
  }

  public override _destroy(error: Error | null, done: Done): void {
    this.idleTimer?.cancel();
    this._read();
    process.nextTick(() => this.peer.hangUp());
    done(error);
  }

  private receive(chunk: Buffer, done: Done): void {
    if (this.destroyed || this.readableEnded) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
      return;
    }
    this.restartIdleTimer();
    const hasRoom = this.context.runInAsyncScope(() => this.push(chunk));
    if (hasRoom) done();
    else this.waitingForReader = done;
  }

  private hangUp(): void {
    this.activity.notifyActivity();
    if (!this.destroyed && !this.readableEnded) this.context.runInAsyncScope(() => this.push(null));
  }

  private restartIdleTimer(): void {
    this.idleTimer?.cancel();
    this.idleTimer = undefined;
    if (this.clock === undefined || this.idleTimeout === 0 || this.destroyed) return;
    this.idleTimer = this.clock.schedule(
      this.clock.now() + this.idleTimeout,
      () => void this.emit('timeout'),
      'a connection times out',
    );
  }
}
