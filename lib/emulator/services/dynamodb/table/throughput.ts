import type { ProvisionedThroughput, ProvisionedThroughputDescription } from '@aws-sdk/client-dynamodb';
import { DAY, SECOND } from '../../../clock';

/** DynamoDB keeps this many seconds of unused capacity for bursts. */
const BURST_SECONDS = 300;

/** Capacity that is refilled every second, up to what bursts may use. */
export class CapacityBucket {
  private level: number;
  private filledAt: number;

  constructor(
    private readonly perSecond: number,
    now: number,
  ) {
    this.level = perSecond * BURST_SECONDS;
    this.filledAt = now;
  }

  /** Whether anything is left. */
  public hasAny(now: number): boolean {
    const refill = ((now - this.filledAt) / SECOND) * this.perSecond;
    this.level = Math.min(this.level + refill, this.perSecond * BURST_SECONDS);
    this.filledAt = now;
    return this.level > 0;
  }

  /** Takes units, also more than are left: later requests then wait for them. */
  public take(units: number): void {
    this.level -= units;
  }
}

/** The provisioned throughput of a table or of a global secondary index, and its changes. */
export class Throughput {
  private increasedAt?: number;
  private decreases: number[] = [];

  constructor(private units: { readonly read: number; readonly write: number }) {}

  public static of({
    ReadCapacityUnits: read = 0,
    WriteCapacityUnits: write = 0,
  }: Partial<ProvisionedThroughput> = {}) {
    return new Throughput({ read, write });
  }

  public get read(): number {
    return this.units.read;
  }

  public get write(): number {
    return this.units.write;
  }

  public change(
    { ReadCapacityUnits: read = 0, WriteCapacityUnits: write = 0 }: Partial<ProvisionedThroughput>,
    now: number,
  ) {
    if (read > this.read || write > this.write) this.increasedAt = now;
    if (read < this.read || write < this.write) this.decreases.push(now);
    this.units = { read, write };
  }

  public describe(now: number): ProvisionedThroughputDescription {
    const { decreases, increasedAt } = this;
    const last = decreases[decreases.length - 1];
    const today = Math.floor(now / DAY) * DAY;
    return {
      ...(increasedAt !== undefined && { LastIncreaseDateTime: new Date(increasedAt) }),
      ...(decreases.length > 0 && { LastDecreaseDateTime: new Date(last) }),
      NumberOfDecreasesToday: decreases.filter((at) => at >= today).length,
      ReadCapacityUnits: this.read,
      WriteCapacityUnits: this.write,
    };
  }
}
