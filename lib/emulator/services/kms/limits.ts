/** The quotas of KMS. */
export interface KmsLimits {
  /** Cryptographic requests per second with symmetric keys: one quota for all actions and principals. */
  readonly symmetricRequestsPerSecond: number;
}

const LARGE_REGIONS: ReadonlyMap<string, number> = new Map([
  ...['us-east-1', 'us-west-2', 'eu-west-1'].map((region) => [region, 100_000] as const),
  ...['us-east-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1', 'eu-central-1', 'eu-west-2'].map(
    (region) => [region, 20_000] as const,
  ),
]);

/** AWS's quotas in a Region. */
export function awsLimits(region: string): KmsLimits {
  return { symmetricRequestsPerSecond: LARGE_REGIONS.get(region) ?? 10_000 };
}
