/**
 * The only source of time in the emulator.
 *
 * Every service schedules what is due on a `Clock` and never asks the machine for the time, so one engine serves a
 * developer in real time, a test in virtual time, and a simulation of a whole day.
 */
export interface Clock {
  /** Emulated time, in milliseconds since the Unix epoch. */
  now(): number;

  /**
   * Runs `task` once, when `now()` has reached `at`. An instant that has passed is due at once, but never before this
   * call returns. Tasks due at the same instant run in the order in which they were scheduled. A task's promise holds
   * the clock: virtual time does not move on before it has settled.
   *
   * @param what the task in a few words, for those who ask what time waits for: `alarm evaluation`. A constant, or made
   * once: nobody may ask
   */
  schedule(at: number, task: () => void | Promise<void>, what?: string): Timer;

  /**
   * As {@link schedule}, for a task that is part of what goes on while nothing happens: the end of a long poll that is
   * repeated at once, a minute's metrics. Where nothing but routine goes on, virtual time may pass over whole minutes of
   * it, and the task runs that much later. So it must not depend on the instant that it was scheduled for, must take
   * nothing from randomness, and what it changes is to be told by an {@link IdleObserver}.
   */
  schedulePeriodic(at: number, task: () => void, what?: string): Timer;

  /** Has an observer asked before time passes over anything. Gives a function that ends it. In real time it never is. */
  watch(observer: IdleObserver): () => void;

  /**
   * Keeps virtual time from moving on until the returned function is called (a second call does nothing). Work that
   * runs outside the clock's own tasks holds it while it makes progress, and releases it while it only waits for time
   * to pass: a parked long poll does not hold. In real time this does nothing.
   */
  hold(): () => void;

  /**
   * Tells that something goes on at this instant that comes to rest by way of the event loop, such as a stream, a
   * connection, or code of strangers: virtual time does not move on before it has had a few turns to itself. What goes on
   * in promises alone needs no telling. In real time this does nothing.
   */
  notifyActivity(): void;
}

/** A scheduled task that has not run yet. */
export interface Timer {
  /** Takes the task off the clock; does nothing once it has run. */
  cancel(): void;
}

/** A part of the cloud that knows whether, while nothing happens, one minute is like the other. */
export interface IdleObserver {
  /** A minute begins that may be repeated, if nothing but routine goes on in it. */
  probe(): void;
  /**
   * Until which instant further minutes are going to be the same as the one since {@link probe}, which has just ended:
   * an instant that has passed where already the next may not be.
   */
  steadyUntil(): number;
  /** That minute is repeated so many times, of which all is to be as it would be afterwards. Time moves after the call. */
  repeat(minutes: number): void;
}

/** A scheduled task, as one that looks at a clock from outside sees it. */
export interface PendingTask {
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
  /** What it is, in a few words; undefined where nobody has said. */
  readonly what: string | undefined;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
