import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../clock';
import { realGlobal } from './realm';
import { OrderedCompletions } from './ordered-completions';

/** Thrown by `process.exit()`, which in a process of its own would not return. */
export class Exited extends Error {
  constructor() {
    super('the program has called process.exit()');
    this.name = 'Exited';
  }
}

/** A piece of work that the clock waits for. Pieces that are under way at the same time end in the order they began. */
export interface Work {
  /** Runs code of ours when all work that was begun before has ended. */
  inTurn(code: () => void): void;
  /** Hands the result to the sandbox's code, when all work that was begun before has ended, and ends. */
  finish(code: () => void): void;
  /** It is over: there is no result, or it was handed over. */
  end(): void;
}

/**
 * What belongs to one sandbox while it runs: the errors that its code throws with nobody there to catch them, and what
 * it still waits for, which decides whether the program has come to its end.
 */
export class SandboxContext {
  public closed = false;
  private readonly closing = new Set<() => void>();
  private references = 0;
  private working = 0;
  private checkingIdle = false;

  /**
   * @param failed takes an error that nothing in the sandbox has caught
   * @param idle told when nothing is left that could make code of the sandbox run
   */
  constructor(
    public readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
    private readonly idle: () => void,
  ) {
    watchFailures();
  }

  /** Whether its code makes progress by itself, other than by time passing or by a request being answered. */
  public get busy(): boolean {
    return this.working > 0;
  }

  /** Whether anything is left that could make code of the sandbox run. */
  public get referenced(): boolean {
    return this.references > 0;
  }

  /** Runs code of the sandbox that nobody waits for. Once the sandbox is closed none runs any more. */
  public enter(code: () => void): void {
    if (this.closed) return;
    this.clock.notifyActivity();
    try {
      current.run(this, code);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Runs code of the sandbox; what it throws is the caller's. */
  public run<T>(code: () => T): T {
    this.clock.notifyActivity();
    return current.run(this, code);
  }

  /** Runs code of ours on behalf of the sandbox: its failures are not the sandbox's. */
  public outside<T>(code: () => T): T {
    return current.exit(code);
  }

  public fail(error: unknown): void {
    if (!(error instanceof Exited) && !this.closed) this.outside(() => this.failed(error));
  }

  /** Something waits that keeps a program alive. Call the result when it no longer does. */
  public reference(): () => void {
    this.references++;
    return once(() => {
      this.references--;
      this.considerIdle();
    });
  }

  /** Something goes on that takes the machine's time and none of the clock's, which waits for it. */
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

  /** Has `undo` called when the sandbox is closed. Call the result when that is no longer needed. */
  public onClose(undo: () => void): () => void {
    this.closing.add(undo);
    return () => void this.closing.delete(undo);
  }

  public close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const undo of [...this.closing]) undo();
    this.closing.clear();
    // A promise that was rejected just now, as by process.exit(), is reported when this turn of the event loop is over.
    this.outside(() => setImmediate(unwatchFailures));
  }

  /** A program ends when nothing is left that could run; promises alone, resolved or not, keep none alive. */
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

/** The sandbox whose code runs now, or started what runs now. */
const current = new AsyncLocalStorage<SandboxContext>();

// A promise that is rejected with nobody there to handle it, and an error thrown by code that a stream of node's calls,
// show up in no call stack of ours but only as events of the process. Those of a sandbox must end it and not us; all
// others go the way they always went. A listener would not do: with one, node no longer ends the process for others'.
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
  // What somebody else has put on top of ours stays, and ours below it then only passes on.
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
