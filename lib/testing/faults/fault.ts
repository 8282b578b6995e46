/** A fault that was ordered. */
export class Fault {
  private occurrences = 0;
  private over = false;

  /** @internal */
  constructor(private readonly stop: () => void) {}

  /** How often it has happened: requests that it befell, messages delivered twice, workers crashed. */
  public get count(): number {
    return this.occurrences;
  }

  /** Ends it, before its time where that is not over. */
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
