import { SECOND } from '../../clock';
import { throttled } from './errors';

/** What AWS limits, as data. */
export interface KmsLimits {
  /** Requests a second that use symmetric keys, of all kinds and principals together. */
  readonly symmetricRequestsPerSecond: number;
}

const LARGE_REGIONS: ReadonlyMap<string, number> = new Map([
  ...['us-east-1', 'us-west-2', 'eu-west-1'].map((region) => [region, 100_000] as const),
  ...['us-east-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1', 'eu-central-1', 'eu-west-2'].map(
    (region) => [region, 20_000] as const,
  ),
]);

/** AWS's limits in a region. */
export function awsLimits(region: string): KmsLimits {
  return { symmetricRequestsPerSecond: LARGE_REGIONS.get(region) ?? 10_000 };
}

/** Counts requests against a number per second. */
export class RequestQuota {
  private second = -Infinity;
  private used = 0;

  constructor(private readonly perSecond: number) {}

  /** @throws AwsError ThrottlingException where this second's requests are used up */
  public take(now: number): void {
    const second = Math.floor(now / SECOND);
    if (second !== this.second) {
      this.second = second;
      this.used = 0;
    }
    if (this.used >= this.perSecond) throw throttled();
    this.used++;
  }
}
