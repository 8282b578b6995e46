/** The quotas of the Parameter Store. */
export const LIMITS = {
  standardValue: 4_096,
  advancedValue: 8_192,
  standardParameters: 10_000,
  advancedParameters: 100_000,
  /** Versions of a parameter that are kept. */
  versions: 100,
  levels: 15,
  labelsPerVersion: 10,
  policies: 10,
  tags: 50,
} as const;
