/**
 * The slots for messages that a worker handles at once. Pollers take slots before they receive, so that no message
 * waits in memory.
 */
export class Slots {
  private readonly waiters = new Set<() => void>();

  constructor(private free: number) {}

  /** Takes up to `max` slots, waiting for at least one; returns 0 once `signal` has aborted. */
  public async take(max: number, signal: AbortSignal): Promise<number> {
    while (this.free === 0 && !signal.aborted) await this.changed(signal);
    if (signal.aborted) return 0;
    const taken = Math.min(max, this.free);
    this.free -= taken;
    return taken;
  }

  /** Whether a slot is free. */
  public get any(): boolean {
    return this.free > 0;
  }

  public release(count: number): void {
    this.free += count;
    const [next] = this.waiters;
    if (count > 0) next?.();
  }

  private changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiters.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
