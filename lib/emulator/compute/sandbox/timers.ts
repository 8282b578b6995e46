import { promisify } from 'node:util';
import type { Timer } from '../../clock';
import type { SandboxContext } from './sandbox-context';
import { realGlobal } from './realm';

type Callback = (...args: unknown[]) => void;

interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

// Node treats a delay outside this range as one millisecond.
const SHORTEST = 1;
const LONGEST = 2 ** 31 - 1;

/** The return value of `setTimeout` and `setInterval`: Node's `Timeout`, on the clock. */
export class VirtualTimeout {
  /** When it fires; undefined if it is not waiting. */
  private due?: number;
  private timer?: Timer;
  private referenced = true;
  private unreference?: () => void;

  constructor(
    private readonly context: SandboxContext,
    private readonly registry: Map<number, VirtualTimeout>,
    private readonly id: number,
    private readonly delay: number,
    private readonly repeats: boolean,
    private readonly callback: () => void,
    private readonly frozen: () => boolean,
  ) {
    registry.set(id, this);
    this.start();
  }

  public close(): this {
    this.freeze();
    this.due = undefined;
    this.registry.delete(this.id);
    this.count();
    return this;
  }

  public refresh(): this {
    this.freeze();
    this.registry.set(this.id, this);
    this.start();
    return this;
  }

  public ref(): this {
    this.referenced = true;
    this.count();
    return this;
  }

  public unref(): this {
    this.referenced = false;
    this.count();
    return this;
  }

  public hasRef(): boolean {
    return this.referenced;
  }

  public [Symbol.toPrimitive](): number {
    return this.id;
  }

  /** Stops together with its program. */
  public freeze(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  /** Resumes; fires immediately if it came due in the meantime. Does nothing if an earlier timer has cleared it. */
  public thaw(): void {
    if (this.due === undefined || this.timer !== undefined) return;
    if (this.due <= this.context.clock.now()) this.fire();
    else this.schedule(this.due);
  }

  /** When it fires; Infinity if it is not waiting. */
  public get dueAt(): number {
    return this.due ?? Infinity;
  }

  private start(): void {
    if (this.context.closed) return;
    this.due = this.context.clock.now() + this.delay;
    if (!this.frozen()) this.schedule(this.due);
    this.count();
  }

  private schedule(at: number): void {
    this.timer = this.context.clock.schedule(at, () => this.fire(), 'a timer of a handler or worker');
  }

  private fire(): void {
    this.due = this.timer = undefined;
    if (this.repeats) this.start();
    else this.registry.delete(this.id);
    this.context.enter(this.callback);
    this.count();
  }

  private count(): void {
    if (this.due !== undefined && this.referenced) {
      this.unreference ??= this.context.reference();
    } else {
      this.unreference?.();
      this.unreference = undefined;
    }
  }
}

/** Node's timers on the clock: the globals, `node:timers` and `node:timers/promises`. */
export class VirtualTimers {
  private readonly timeouts = new Map<number, VirtualTimeout>();
  private created = 0;
  private frozen = false;

  constructor(private readonly context: SandboxContext) {
    context.onClose(() => this.timeouts.forEach((timeout) => timeout.close()));
  }

  /** The number of pending timers. */
  public get pending(): number {
    return this.timeouts.size;
  }

  /** Stops all timers until {@link thaw}. */
  public freeze(): void {
    this.frozen = true;
    for (const timeout of this.timeouts.values()) timeout.freeze();
  }

  /** Resumes all timers. Those that came due in the meantime fire immediately, in order: Node checks timers first. */
  public thaw(): void {
    this.frozen = false;
    const waiting = [...this.timeouts.values()].sort((a, b) => a.dueAt - b.dueAt);
    for (const timeout of waiting) timeout.thaw();
  }

  /** The global timer functions, which are also those of `node:timers`. */
  public globals() {
    const setTimeout = (callback: Callback, delay?: number, ...args: unknown[]) =>
      this.create(callback, delay, false, args);
    const clear = (timeout?: VirtualTimeout | number | string) => {
      const found = timeout instanceof VirtualTimeout ? timeout : this.timeouts.get(Number(timeout));
      found?.close();
    };
    return {
      setTimeout: Object.assign(setTimeout, { [promisify.custom]: this.promises().setTimeout }),
      setInterval: (callback: Callback, delay?: number, ...args: unknown[]) => this.create(callback, delay, true, args),
      setImmediate: Object.assign((callback: Callback, ...args: unknown[]) => this.immediate(callback, args), {
        [promisify.custom]: this.promises().setImmediate,
      }),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: (immediate?: { cancel?: () => void }) => immediate?.cancel?.(),
    };
  }

  /** `node:timers/promises`. */
  public promises() {
    const wait = <T>(delay?: number, value?: T, options: WaitOptions = {}): Promise<T | undefined> =>
      new Promise((resolve, reject) => {
        const { signal } = options;
        if (signal?.aborted) return reject(abortError(signal));
        const aborted = () => {
          timeout.close();
          reject(abortError(signal));
        };
        const timeout = this.create(
          () => {
            signal?.removeEventListener('abort', aborted);
            resolve(value);
          },
          delay,
          false,
          [],
        );
        if (options.ref === false) timeout.unref();
        signal?.addEventListener('abort', aborted, { once: true });
      });
    const immediate = <T>(value?: T): Promise<T | undefined> =>
      new Promise((resolve) => this.immediate(() => resolve(value), []));
    return {
      setTimeout: wait,
      setImmediate: immediate,
      setInterval: async function* <T>(delay?: number, value?: T, options?: WaitOptions) {
        for (;;) yield await wait(delay, value, options);
      },
      scheduler: { wait: (delay?: number, options?: WaitOptions) => wait(delay, undefined, options), yield: immediate },
    };
  }

  /** `AbortSignal`, with `timeout()` on the clock. */
  public abortSignal(): typeof AbortSignal {
    const timeout = (delay: number): AbortSignal => {
      const controller = new AbortController();
      const abort = () =>
        controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
      this.create(abort, delay, false, []).unref();
      return controller.signal;
    };
    return new Proxy(realGlobal.AbortSignal, {
      get: (target, name) => (name === 'timeout' ? timeout : (Reflect.get(target, name) as unknown)),
    });
  }

  private create(callback: Callback, delay: number | undefined, repeats: boolean, args: unknown[]): VirtualTimeout {
    if (typeof callback !== 'function') {
      throw new TypeError(`The "callback" argument must be of type function. Received ${typeof callback}`);
    }
    const asked = Math.trunc(Number(delay));
    const effective = asked >= SHORTEST && asked <= LONGEST ? asked : SHORTEST;
    const id = ++this.created;
    return new VirtualTimeout(
      this.context,
      this.timeouts,
      id,
      effective,
      repeats,
      () => callback(...args),
      () => this.frozen,
    );
  }

  /** An immediate takes no time: the clock waits for it. */
  private immediate(callback: Callback, args: unknown[]) {
    const work = this.context.work();
    work.finish(() => callback(...args));
    return {
      cancel: () => work.end(),
      ref: () => undefined,
      unref: () => undefined,
      hasRef: () => true,
    };
  }
}

function abortError(signal: AbortSignal | undefined): Error {
  const error = new Error('The operation was aborted', { cause: signal?.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}
