/** An injected fault. */
export class Fault {
  private occurrences = 0;
  private over = false;

  /** @internal */
  constructor(private readonly stop: () => void) {}

  /** How often it has happened: affected requests, messages delivered twice, crashed workers. */
  public get count(): number {
    return this.occurrences;
  }

  /** Ends the fault early; does nothing if it is over. */
  public end(): void {
    if (this.over) return;
    this.over = true;
    this.stop();
  }

  /** @internal */
  public happens(): void {
    this.occurrences++;
  }
}
