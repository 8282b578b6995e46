import { type Clock, MINUTE, SECOND, type Timer } from '../../clock';
import type { WorkerProgram } from './user-data';

/** A running program. */
export interface RunningProgram {
  signal(name: NodeJS.Signals): void;
  /** Kills it and everything it started. */
  kill(): void;
}

/** How a program ended: with an exit code, or by a signal. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts the program. Calls `ended`, never before it returns, when the program and everything it started is gone. */
export type StartProgram = (ended: (end: ProgramEnd) => void) => RunningProgram;

/** Options of a {@link SupervisedService}. */
export interface SupervisedServiceOptions {
  readonly clock: Clock;
  readonly unit: WorkerProgram['unit'];
  readonly start: StartProgram;
  /**
   * Called when the program repeatedly failed shortly after its start, with the number of failures and the seconds
   * until the next try.
   */
  readonly failing: (failures: number, end: ProgramEnd, retrySeconds: number) => void;
}

// A program that has run this long counts as started; one that fails sooner, this many times in a row, is reported.
const STARTED_AFTER = MINUTE;
const FAILURES_TO_REPORT = 3;
const LONGEST_DELAY = MINUTE;

/**
 * Keeps a program running as systemd keeps a service: restarts it when it ends, if the unit says so, and stops it with
 * a signal and later SIGKILL. Unlike systemd, which gives up on a service that fails repeatedly at its start, it waits
 * longer and longer.
 */
export class SupervisedService {
  private running?: RunningProgram;
  private startedAt = 0;
  private failures = 0;
  private pending?: Timer;
  private stopping = false;
  private gone?: () => void;

  constructor(private readonly options: SupervisedServiceOptions) {}

  public start(): void {
    if (this.stopping) return;
    this.pending = undefined;
    this.startedAt = this.options.clock.now();
    this.running = this.options.start((end) => this.ended(end));
  }

  /** Stops it permanently. Resolves when it is gone. */
  public async stop(): Promise<void> {
    const { clock, unit } = this.options;
    if (!this.stopping) {
      this.end();
      this.running?.signal(unit.killSignal);
      if (this.running !== undefined && unit.stopTimeoutSeconds !== Infinity) {
        this.pending = clock.schedule(
          clock.now() + unit.stopTimeoutSeconds * SECOND,
          () => this.running?.kill(),
          `${unit.name} is killed`,
        );
      }
    }
    await this.whenGone();
  }

  /** Kills it permanently. Resolves when it is gone. */
  public async kill(): Promise<void> {
    this.end();
    this.running?.kill();
    await this.whenGone();
  }

  /** Kills the program as a crash would; the unit's restart policy decides what follows. */
  public crash(): void {
    this.running?.kill();
  }

  private end(): void {
    this.stopping = true;
    this.pending?.cancel();
  }

  private async whenGone(): Promise<void> {
    if (this.running === undefined) return;
    const others = this.gone;
    await new Promise<void>((resolve) => {
      this.gone = () => {
        others?.();
        resolve();
      };
    });
  }

  private ended(end: ProgramEnd): void {
    this.running = undefined;
    if (this.stopping) {
      this.pending?.cancel();
      this.gone?.();
    } else if (this.restarts(end)) {
      this.scheduleRestart(end);
    }
  }

  private restarts({ code, signal }: ProgramEnd): boolean {
    // systemd treats these signals as a clean exit.
    const clean = code === 0 || ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'].includes(signal ?? '');
    const { restart } = this.options.unit;
    switch (restart) {
      case 'always':
        return true;
      case 'on-success':
        return clean;
      case 'on-failure':
        return !clean;
      case 'on-abnormal':
      case 'on-abort':
        return !clean && signal !== null;
      case 'no':
      case 'on-watchdog':
        return false;
    }
  }

  private scheduleRestart(end: ProgramEnd): void {
    const { clock, unit, failing } = this.options;
    const failed = end.code !== 0 && end.signal === null;
    this.failures = failed && clock.now() - this.startedAt < STARTED_AFTER ? this.failures + 1 : 0;
    const asked = unit.restartSeconds * SECOND;
    const excess = this.failures - FAILURES_TO_REPORT + 1;
    const delay = excess > 0 ? Math.max(asked, Math.min(asked * 2 ** excess, LONGEST_DELAY)) : asked;
    if (this.failures === FAILURES_TO_REPORT) failing(this.failures, end, delay / SECOND);
    this.pending = clock.schedule(clock.now() + delay, () => this.start(), `${this.options.unit.name} restarts`);
  }
}
