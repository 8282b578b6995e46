import { SECOND } from '../../../clock';

/** A rate per second, of which one second's unused part can be used at once. */
export class Rate {
  private available: number;
  private at: number;

  constructor(
    private readonly perSecond: number,
    now: number,
  ) {
    this.available = perSecond;
    this.at = now;
  }

  /** Whether `amount` may be used now. More than one second's worth may be if nothing of it has been used. */
  public allows(amount: number, now: number): boolean {
    this.available = Math.min(this.perSecond, this.available + ((now - this.at) * this.perSecond) / SECOND);
    this.at = now;
    return this.available >= Math.min(amount, this.perSecond);
  }

  public take(amount: number): void {
    this.available -= amount;
  }
}
