import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../clock';
import { realGlobal } from './realm';
import { OrderedCompletions } from './ordered-completions';

/** Thrown by `process.exit()`, which never returns in a real process. */
export class Exited extends Error {
  constructor() {
    super('the program has called process.exit()');
    this.name = 'Exited';
  }
}

/** Work that the clock waits for. Concurrent pieces end in the order in which they started. */
export interface Work {
  /** Runs the emulator's code when all earlier work has ended. */
  inTurn(code: () => void): void;
  /** Passes the result to the sandbox's code when all earlier work has ended, and ends this work. */
  finish(code: () => void): void;
  /** Ends this work: it has no result, or the result was delivered. */
  end(): void;
}

/**
 * A running sandbox's state: the uncaught errors of its code, and what it still waits for, which determines when the
 * program ends.
 */
export class SandboxContext {
  public closed = false;
  private readonly closing = new Set<() => void>();
  private references = 0;
  private working = 0;
  private checkingIdle = false;

  /**
   * @param failed called with an uncaught error of the sandbox
   * @param idle called when nothing is left that could make the sandbox's code run
   */
  constructor(
    public readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
    private readonly idle: () => void,
  ) {
    watchFailures();
  }

  /** Whether its code makes progress by itself, not just by time passing or a response arriving. */
  public get busy(): boolean {
    return this.working > 0;
  }

  /** Whether anything is left that could make the sandbox's code run. */
  public get referenced(): boolean {
    return this.references > 0;
  }

  /** Runs sandbox code that nobody awaits. Does nothing once the sandbox is closed. */
  public enter(code: () => void): void {
    if (this.closed) return;
    this.clock.notifyActivity();
    try {
      current.run(this, code);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Runs sandbox code; the caller handles what it throws. */
  public run<T>(code: () => T): T {
    this.clock.notifyActivity();
    return current.run(this, code);
  }

  /** Runs the emulator's own code on behalf of the sandbox: its failures are not the sandbox's. */
  public outside<T>(code: () => T): T {
    return current.exit(code);
  }

  public fail(error: unknown): void {
    if (!(error instanceof Exited) && !this.closed) this.outside(() => this.failed(error));
  }

  /** Registers something pending that keeps the program alive. Call the returned function when it is done. */
  public reference(): () => void {
    this.references++;
    return once(() => {
      this.references--;
      this.considerIdle();
    });
  }

  /** Starts work that takes real time but no virtual time: the clock waits for it. */
  public work(): Work {
    const release = this.clock.hold();
    const unreference = this.reference();
    const completion = OrderedCompletions.of(this.clock).enter();
    this.working++;
    const end = once(() => {
      this.closing.delete(end);
      this.working--;
      completion.leave();
      unreference();
      release();
    });
    this.closing.add(end);
    return {
      inTurn: (code) => completion.inTurn(() => !this.closed && this.outside(code)),
      finish: (code) =>
        completion.inTurn(() => {
          this.enter(code);
          end();
        }),
      end,
    };
  }

  /** Registers a function to call when the sandbox is closed. Call the returned function to remove it. */
  public onClose(undo: () => void): () => void {
    this.closing.add(undo);
    return () => void this.closing.delete(undo);
  }

  public close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const undo of [...this.closing]) undo();
    this.closing.clear();
    // A promise that was just rejected, as by process.exit(), is reported at the end of this turn of the event loop.
    this.outside(() => setImmediate(unwatchFailures));
  }

  /**
   * Checks whether the program has ended: nothing is left that could run. Promises alone, settled or not, do not keep
   * it alive.
   */
  public considerIdle(): void {
    if (this.references > 0 || this.closed || this.checkingIdle) return;
    this.checkingIdle = true;
    this.outside(() =>
      setImmediate(() => {
        this.checkingIdle = false;
        if (this.references === 0 && !this.closed) this.idle();
      }),
    );
  }
}

/** The sandbox whose code is running, or started what is running. */
const current = new AsyncLocalStorage<SandboxContext>();

// An unhandled rejection, or an error thrown in code that one of Node's streams calls, never reaches our call stack,
// only process events. Those of a sandbox must end the sandbox and not this process; all others take their usual way. A
// listener would not work: it keeps Node from ending the process for other errors.
type Emit = (name: string, ...rest: unknown[]) => boolean;
const realProcess = realGlobal.process as unknown as { emit: Emit };
let watchers = 0;
let originalEmit: Emit | undefined;

const emitWatched: Emit = (name, ...rest) => {
  if (watchers > 0 && (name === 'unhandledRejection' || name === 'uncaughtException')) {
    const context = current.getStore();
    if (context !== undefined) {
      context.fail(rest[0]);
      return true;
    }
  }
  return (originalEmit as Emit).call(realProcess, name, ...rest);
};

function watchFailures(): void {
  watchers++;
  if (originalEmit !== undefined) return;
  originalEmit = realProcess.emit;
  realProcess.emit = emitWatched;
}

function unwatchFailures(): void {
  watchers--;
  // If somebody else has wrapped our emitter, it stays, and ours below it only passes events on.
  if (watchers > 0 || originalEmit === undefined || realProcess.emit !== emitWatched) return;
  realProcess.emit = originalEmit;
  originalEmit = undefined;
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
