/**
 * The emulator's only source of time.
 *
 * Services schedule their work on a `Clock` and never read the machine's time. So the same engine serves a developer in
 * real time, a test in virtual time, and a simulation of a whole day.
 */
export interface Clock {
  /** Emulated time, in milliseconds since the Unix epoch. */
  now(): number;

  /**
   * Runs `task` once `now()` reaches `at`. A past instant is due immediately, but never before this call returns. Tasks
   * due at the same instant run in the order in which they were scheduled. Virtual time does not move on until the
   * task's promise settles.
   *
   * @param what a short description, for reports of what time waits for: `alarm evaluation`. Use a constant: it is
   * rarely read
   */
  schedule(at: number, task: () => void | Promise<void>, what?: string): Timer;

  /**
   * As {@link schedule}, for a task that repeats while nothing happens, such as a long poll that is repeated when it
   * ends empty, or a minute's metrics. If only periodic tasks run, virtual time may skip whole minutes, and the task
   * then runs that much later. So it must not depend on the instant it was scheduled for or use randomness, and an
   * {@link IdleObserver} must reproduce what it changes.
   */
  schedulePeriodic(at: number, task: () => void, what?: string): Timer;

  /**
   * Registers an observer that is asked before idle time is skipped. Returns a function that removes it. Never called
   * in real time.
   */
  watch(observer: IdleObserver): () => void;

  /**
   * Keeps virtual time from moving until the returned function is called; a second call does nothing. Work outside the
   * clock's own tasks holds the clock while it makes progress, and releases it while it only waits for time to pass: a
   * waiting long poll does not hold. Does nothing in real time.
   */
  hold(): () => void;

  /**
   * Call this when work starts in streams, sockets or user code: virtual time then waits a few event-loop turns. Work
   * that uses only promises does not need it. Does nothing in real time.
   */
  notifyActivity(): void;
}

/** A scheduled task that has not run yet. */
export interface Timer {
  /** Cancels the task; does nothing if it has run. */
  cancel(): void;
}

/** A part of the cloud that knows whether idle minutes are all the same. */
export interface IdleObserver {
  /** Called at the start of a minute that may be repeated if only periodic tasks run in it. */
  probe(): void;
  /**
   * The instant until which further minutes will equal the one since {@link probe}, which has just ended. Returns a
   * past instant if the next minute may already differ.
   */
  steadyUntil(): number;
  /** Applies the effects of repeating that minute `minutes` times. Time moves after the call. */
  repeat(minutes: number): void;
}

/** A scheduled task, as reports show it. */
export interface PendingTask {
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
  /** A short description; undefined if the task was scheduled without one. */
  readonly what: string | undefined;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
