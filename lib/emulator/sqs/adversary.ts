import type { Random } from '../clock';

/**
 * How badly standard queues behave, within what AWS promises of them: at-least-once delivery, best-effort order, short
 * polls that ask some hosts only. Each is a probability, from 0 up to, not including, 1. FIFO queues behave.
 */
export interface AdversaryOptions {
  /**
   * That a received message stays visible to others, and that a deleted one comes once more.
   * @default 0
   */
  readonly duplicates?: number;
  /**
   * That a message is overtaken by the next one.
   * @default 0
   */
  readonly reordering?: number;
  /**
   * That a short poll finds nothing, though there are messages.
   * @default 0
   */
  readonly emptyReceives?: number;
}

/** Draws the lots of {@link AdversaryOptions}: the same seed, the same mischief. */
export class Adversary {
  private readonly chances: Required<AdversaryOptions>;

  constructor(
    { duplicates = 0, reordering = 0, emptyReceives = 0 }: AdversaryOptions,
    private readonly random: Random,
  ) {
    this.chances = { duplicates, reordering, emptyReceives };
    for (const [name, chance] of Object.entries(this.chances)) {
      if (!(chance >= 0 && chance < 1)) {
        throw new RangeError(`adversary.${name} must be from 0 up to, not including, 1, got ${chance}`);
      }
    }
  }

  public duplicates(): boolean {
    return this.happens(this.chances.duplicates);
  }

  public reorders(): boolean {
    return this.happens(this.chances.reordering);
  }

  public hidesMessages(): boolean {
    return this.happens(this.chances.emptyReceives);
  }

  // What can't happen draws no lot, so that switching one thing on leaves the others as they were.
  private happens(chance: number): boolean {
    return chance > 0 && this.random.next() < chance;
  }
}
