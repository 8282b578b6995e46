/** The quotas of Secrets Manager. */
export const LIMITS = {
  /** Bytes of a secret value, in UTF-8. */
  value: 65_536,
  /** Versions of a secret; of those without a staging label, the oldest make room. */
  versions: 100,
  stagesPerVersion: 20,
  tags: 50,
  shortestRecovery: 7,
  longestRecovery: 30,
  longestPassword: 4_096,
} as const;
