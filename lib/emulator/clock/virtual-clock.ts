import { Agenda, type AgendaEntry, before } from './agenda';
import type { Clock, IdleObserver, PendingTask, Timer } from './clock';
import { Idleness } from './idleness';

/** Options of a {@link VirtualClock}. */
export interface VirtualClockOptions {
  /**
   * The instant at which time begins, in milliseconds since the epoch.
   * @default - 2030-01-01T00:00:00Z, so that a timeline is the same whenever it is recorded
   */
  readonly startAt?: number;
  /**
   * Whether {@link VirtualClock.advance} skips minutes that are known to equal the one before. The results are the
   * same; without skipping, long idle times take long to run.
   * @default true
   */
  readonly skipIdleTime?: boolean;
}

const DEFAULT_START = Date.UTC(2030, 0, 1);

// Where streams, sockets or user code are involved, promises chain through the event loop. An instant's work is done
// only when nothing has held the clock for this many turns in a row.
const QUIET_TURNS = 4;

// However much work is due, the event loop gets a turn after this many tasks, for the machine's timers and signals.
const TASKS_PER_TURN = 512;

/**
 * Time that moves only when told to, from one due task to the next, and only when all work that a task caused
 * (promises, handler runs, requests) is done. The same seed and the same calls give the same run.
 */
export class VirtualClock implements Clock {
  private readonly orders = { next: 0 };
  private readonly agenda = new Agenda(this.orders);
  private readonly periodic = new Agenda(this.orders);
  private readonly idleness = new Idleness(this.periodic);
  private readonly skipIdleTime: boolean;
  private current: number;
  private holds = 0;
  private active = false;
  private tasksThisTurn = 0;
  private released?: () => void;
  private failure?: { readonly error: unknown };
  private moving = false;

  constructor(options: VirtualClockOptions = {}) {
    this.current = options.startAt ?? DEFAULT_START;
    this.skipIdleTime = options.skipIdleTime ?? true;
  }

  public now(): number {
    return this.current;
  }

  /** How many tasks are scheduled. */
  public get pending(): number {
    return this.agenda.size + this.periodic.size;
  }

  /**
   * All scheduled tasks, in the order in which they will run. Takes time in proportion to their number: meant for
   * reports.
   */
  public upcoming(): PendingTask[] {
    const tasks = [...this.agenda.waiting(), ...this.periodic.waiting()].sort((a, b) => (before(a, b) ? -1 : 1));
    return tasks.map(({ at, what }) => ({ at, what }));
  }

  /** The instant of the next scheduled task, if there is one. */
  public get nextAt(): number | undefined {
    return this.peek()?.at;
  }

  public schedule(at: number, task: () => void | Promise<void>, what?: string): Timer {
    return this.agenda.add(Math.max(at, this.current), task, what);
  }

  public schedulePeriodic(at: number, task: () => void, what?: string): Timer {
    return this.periodic.add(Math.max(at, this.current), task, what);
  }

  public watch(observer: IdleObserver): () => void {
    return this.idleness.add(observer);
  }

  public hold(): () => void {
    this.idleness.disturb(this.current);
    this.holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.holds === 0) this.released?.();
    };
  }

  public notifyActivity(): void {
    this.idleness.disturb(this.current);
    this.active = true;
  }

  /**
   * Lets `milliseconds` pass, running everything that falls due, and ends exactly there. May skip idle minutes (see
   * {@link VirtualClockOptions.skipIdleTime}).
   * @throws RangeError if `milliseconds` is negative or not a finite number
   */
  public async advance(milliseconds: number): Promise<void> {
    if (!(milliseconds >= 0 && Number.isFinite(milliseconds))) {
      throw new RangeError(`milliseconds must be 0 or more, but was ${milliseconds}`);
    }
    const end = this.current + milliseconds;
    await this.move(() => this.runUpTo(end, undefined, () => true));
    this.current = end;
  }

  /**
   * Lets time pass until `predicate` is true; it is checked after each task. Returns false if `atMost` milliseconds
   * passed first, or no task is left to run.
   * @param maySkip whether idle minutes may be skipped at this moment, as {@link advance} does: return true only if the
   * predicate cannot become true in them. By default no minute is skipped
   */
  public async runUntil(
    predicate: () => boolean,
    atMost = Infinity,
    maySkip: () => boolean = () => false,
  ): Promise<boolean> {
    const end = this.current + atMost;
    let held = false;
    await this.move(async () => {
      held = await this.runUpTo(end, predicate, maySkip);
      if (!held && this.pending > 0) this.current = end;
    });
    return held;
  }

  /** Runs the next due task and everything it causes. Returns false if there was none. */
  public async next(): Promise<boolean> {
    let ran = false;
    await this.move(async () => {
      const next = this.peek();
      ran = next !== undefined;
      if (next === undefined) return;
      this.run(next);
      await this.settle();
    });
    return ran;
  }

  /** Waits, without moving time, until all current work is done. */
  public async settle(): Promise<void> {
    this.active = false;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      if (this.holds > 0) {
        await new Promise<void>((resolve) => (this.released = resolve));
        this.released = undefined;
        quiet = -1;
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.throwFailure();
    }
  }

  private async move(run: () => Promise<unknown>): Promise<void> {
    if (this.moving) throw new Error('time is already being moved: await the earlier advance, runUntil or next first');
    this.moving = true;
    this.idleness.disturb(this.current); // anything may have changed since the last move
    try {
      await this.settle();
      await run();
    } finally {
      this.moving = false;
    }
  }

  /** Runs what is due up to `end`, or until the predicate is true. Returns whether it is. */
  private async runUpTo(end: number, predicate: (() => boolean) | undefined, maySkip: () => boolean): Promise<boolean> {
    while (predicate?.() !== true) {
      const next = this.peek();
      if (next === undefined || next.at > end) return false;
      const isPeriodic = next === this.periodic.peek();
      if (isPeriodic && this.skipIdleTime && maySkip() && this.skip(next, end)) continue;
      this.run(next);
      await promisesToRest();
      if (this.active || this.holds > 0) await this.settle();
      else this.throwFailure();
      if (++this.tasksThisTurn >= TASKS_PER_TURN) await this.giveTurn();
    }
    return true;
  }

  /** The next task, periodic or not. */
  private peek(): AgendaEntry | undefined {
    const task = this.agenda.peek();
    const periodic = this.periodic.peek();
    if (task === undefined || periodic === undefined) return task ?? periodic;
    return before(task, periodic) ? task : periodic;
  }

  /** Called before a periodic task: skips idle time if possible. Returns whether it did. */
  private skip(next: AgendaEntry, end: number): boolean {
    const passed = this.idleness.skip(next.at, Math.min(end, this.agenda.peek()?.at ?? Infinity));
    if (passed === 0) return false;
    this.current += passed;
    this.periodic.putOff(passed);
    return true;
  }

  private run(entry: AgendaEntry): void {
    if (entry.at > this.current) this.current = entry.at;
    if (entry === this.periodic.peek()) {
      this.periodic.shift();
    } else {
      this.agenda.shift();
      this.idleness.disturb(this.current);
    }
    const work = entry.task();
    if (work === undefined) return;
    const release = this.hold();
    Promise.resolve(work)
      .catch((error: unknown) => (this.failure ??= { error }))
      .finally(release);
  }

  private async giveTurn(): Promise<void> {
    this.tasksThisTurn = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  private throwFailure(): void {
    if (this.failure === undefined) return;
    const { error } = this.failure;
    this.failure = undefined;
    throw error;
  }
}

/**
 * Resolves when all promises that can settle by themselves have settled: Node runs next-tick callbacks only when no
 * promise has work left.
 */
function promisesToRest(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
