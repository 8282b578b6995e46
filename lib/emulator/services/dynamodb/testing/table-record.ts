import type { RecordStart } from '../../../testing';

/** One change of an item. */
export interface TableWrite {
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'put' | 'updated' | 'deleted' | 'expired';
  /** The item's key on one line: `pk=a,sk=1`. */
  readonly key: string;
}

const MOST = 100_000;

/** The recorded writes of one table. */
export class TableRecord {
  /** Its latest writes, oldest first: at most 100,000; none in the recording mode `summary`. */
  public readonly writes: TableWrite[] = [];
  /** How many writes there were of each kind. */
  public readonly counts: Record<TableWrite['kind'], number> = { put: 0, updated: 0, deleted: 0, expired: 0 };

  constructor(private readonly start: RecordStart) {}

  public written(write: TableWrite): void {
    this.counts[write.kind]++;
    if (this.start.mode === 'summary') return;
    this.writes.push(write);
    if (this.writes.length > MOST) this.writes.shift();
  }
}
