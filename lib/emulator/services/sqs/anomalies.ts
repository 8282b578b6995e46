import type { Random } from '../../clock';

/**
 * The delivery anomalies that AWS permits of standard queues: at-least-once delivery, best-effort ordering, and short
 * polls that sample only some servers. Each is a probability of at least 0 and less than 1. FIFO queues have none.
 */
export interface DeliveryAnomalyOptions {
  /**
   * The probability that a received message stays visible, and that a deleted message is delivered once more.
   * @default 0
   */
  readonly duplicates?: number;
  /**
   * The probability that a message is overtaken by the next one.
   * @default 0
   */
  readonly reordering?: number;
  /**
   * The probability that a short poll returns nothing although there are messages.
   * @default 0
   */
  readonly emptyReceives?: number;
}

type Chances = Required<DeliveryAnomalyOptions>;

/** Delivery anomalies that are active until they are removed. */
export interface DeliveryAnomaly extends DeliveryAnomalyOptions {
  /** The name of the queue; if absent, all queues are affected. */
  readonly queue?: string;
  /** Called each time that an anomaly occurs. */
  readonly onApplied?: () => void;
}

interface CheckedAnomaly extends Chances {
  readonly queue?: string;
  readonly onApplied?: () => void;
}

/** Rolls the chances of {@link DeliveryAnomalyOptions}. The same seed produces the same anomalies. */
export class DeliveryAnomalies {
  private readonly active = new Set<CheckedAnomaly>();

  constructor(
    options: DeliveryAnomalyOptions,
    private readonly random: Random,
  ) {
    this.add(options);
  }

  /**
   * Adds anomalies to those that are already active. Returns a function that removes them again.
   * @throws RangeError if a probability is out of range
   */
  public add({ duplicates = 0, reordering = 0, emptyReceives = 0, queue, onApplied }: DeliveryAnomaly): () => void {
    const chances: Chances = { duplicates, reordering, emptyReceives };
    for (const [name, chance] of Object.entries(chances)) {
      if (!(chance >= 0 && chance < 1)) {
        throw new RangeError(`sqsAnomalies.${name} must be at least 0 and less than 1, but was ${chance}`);
      }
    }
    if (Object.values(chances).every((chance) => chance === 0)) return () => undefined;
    const anomaly = { ...chances, queue, onApplied };
    this.active.add(anomaly);
    return () => void this.active.delete(anomaly);
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

  // A zero chance is not rolled: turning one anomaly on must not change the sequence of the others.
  private happens(what: keyof Chances, queue: string): boolean {
    if (this.active.size === 0) return false; // hot path: called for each message
    for (const anomaly of this.active) {
      const chance = anomaly[what];
      if (chance === 0 || (anomaly.queue ?? queue) !== queue) continue;
      if (this.random.next() >= chance) continue;
      anomaly.onApplied?.();
      return true;
    }
    return false;
  }
}
