import type { Random } from '../../clock';

/**
 * How badly standard queues behave, within what AWS promises of them: at-least-once delivery, best-effort order, short
 * polls that ask some hosts only. Each is a probability, from 0 up to, not including, 1. FIFO queues behave.
 */
export interface DeliveryAnomalyOptions {
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

type Chances = Required<DeliveryAnomalyOptions>;

/** How badly some queues behave, for a while. */
export interface DeliveryAnomaly extends DeliveryAnomalyOptions {
  /** The name of the only queue; absent where it is all of them. */
  readonly queue?: string;
  /** Called each time. */
  readonly onApplied?: () => void;
}

interface CheckedMischief extends Chances {
  readonly queue?: string;
  readonly onApplied?: () => void;
}

/** Draws the lots of {@link DeliveryAnomalyOptions}: the same seed, the same mischief. */
export class DeliveryAnomalies {
  private readonly mischiefs = new Set<CheckedMischief>();

  constructor(
    options: DeliveryAnomalyOptions,
    private readonly random: Random,
  ) {
    this.add(options);
  }

  /**
   * Makes queues behave worse, beside what they do already. Gives a function that ends it.
   * @throws RangeError where a probability is none
   */
  public add({ duplicates = 0, reordering = 0, emptyReceives = 0, queue, onApplied }: DeliveryAnomaly): () => void {
    const chances: Chances = { duplicates, reordering, emptyReceives };
    for (const [name, chance] of Object.entries(chances)) {
      if (!(chance >= 0 && chance < 1)) {
        throw new RangeError(`sqsAnomalies.${name} must be from 0 up to, not including, 1, got ${chance}`);
      }
    }
    if (Object.values(chances).every((chance) => chance === 0)) return () => undefined;
    const mischief = { ...chances, queue, onApplied };
    this.mischiefs.add(mischief);
    return () => void this.mischiefs.delete(mischief);
  }

  public duplicates(queue: string): boolean {
    return this.happens('duplicates', queue);
  }

  public reorders(queue: string): boolean {
    return this.happens('reordering', queue);
  }

  public hidesMessages(queue: string): boolean {
    return this.happens('emptyReceives', queue);
  }

  // What can't happen draws no lot, so that switching one thing on leaves the others as they were.
  private happens(what: keyof Chances, queue: string): boolean {
    if (this.mischiefs.size === 0) return false; // asked for each message
    for (const mischief of this.mischiefs) {
      const chance = mischief[what];
      if (chance === 0 || (mischief.queue ?? queue) !== queue) continue;
      if (this.random.next() >= chance) continue;
      mischief.onApplied?.();
      return true;
    }
    return false;
  }
}
