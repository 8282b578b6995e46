import type { ClientTraffic } from '.';

/** The requests in progress of clients that use the emulator's own `requestHandler`. */
export class ClientRequests implements ClientTraffic {
  private count = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param stir told that a client is at work, which a virtual clock must wait for */
  constructor(private readonly notifyActivity: () => void) {}

  /** How many requests are in progress. */
  public get underWay(): number {
    return this.count;
  }

  /** Resolves when the next request arrives. */
  public next(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  public began(): void {
    this.count++;
    this.notifyActivity();
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  public ended(): void {
    this.count--;
    this.notifyActivity();
  }
}
