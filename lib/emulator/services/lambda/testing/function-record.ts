import { type RecordStart, Series } from '../../../testing';

/** A failed invocation. */
export interface FunctionFailure {
  /** When it ended, in emulated milliseconds since the epoch. */
  readonly at: number;
  /** `Error`, `TypeError`, `Sandbox.Timedout` … */
  readonly errorType: string;
  readonly errorMessage: string;
  /** The lines of the error's stack trace; empty if the function did not throw, but timed out or exited. */
  readonly trace: readonly string[];
}

const MOST_FAILURES = 1_000;

/** The recorded history of one Lambda function. */
export class FunctionRecord {
  /** The number of concurrent invocations. */
  public readonly running: Series;
  /** How many invocations started. */
  public invocations = 0;
  /** How many failed. */
  public errors = 0;
  /** How often a poller found the concurrency exhausted. */
  public throttles = 0;
  /** The latest failures, oldest first. */
  public readonly failures: FunctionFailure[] = [];

  public readonly place: string;
  public readonly name: string;

  constructor({ place, name, startedAt }: RecordStart) {
    this.place = place;
    this.name = name;
    this.running = new Series(startedAt);
  }

  public began(at: number): void {
    this.invocations++;
    this.running.set(at, this.running.latest + 1);
  }

  public ended(at: number): void {
    this.running.set(at, this.running.latest - 1);
  }

  public failed(failure: FunctionFailure): void {
    this.errors++;
    this.ended(failure.at);
    this.failures.push(failure);
    if (this.failures.length > MOST_FAILURES) this.failures.shift();
  }
}
