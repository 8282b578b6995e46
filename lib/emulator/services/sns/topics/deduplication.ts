/** What a publisher was told of a message. */
export interface Published {
  readonly messageId: string;
  readonly sequenceNumber: string;
}

interface Remembered extends Published {
  readonly until: number;
}

/** The deduplication ids of a FIFO topic. */
export class Deduplication {
  private readonly remembered = new Map<string, Remembered>();

  /** The message that was published with this id, if that is still remembered. */
  public find(id: string, now: number): Published | undefined {
    const known = this.remembered.get(id);
    return known !== undefined && now < known.until ? known : undefined;
  }

  public remember(id: string, message: Published, now: number, window: number): void {
    // Insertion order is the order of expiry.
    for (const [old, { until }] of this.remembered) {
      if (now < until) break;
      this.remembered.delete(old);
    }
    this.remembered.delete(id);
    this.remembered.set(id, { ...message, until: now + window });
  }
}
