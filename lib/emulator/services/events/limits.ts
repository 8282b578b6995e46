/** The quotas of EventBridge. */
export const LIMITS = {
  /** Event buses of an account in a Region, besides the default one. */
  buses: 100,
  rulesPerBus: 300,
  /** Rules of a bus with the operator `wildcard`. */
  wildcardRulesPerBus: 30,
  targetsPerRule: 5,
  /** Characters of a bus's policy. */
  policyLength: 10_240,
  tags: 50,
  entriesPerRequest: 10,
  /** Bytes of all entries of a PutEvents request. */
  requestSize: 1_048_576,
  /** Levels of arrays and objects in a Detail. */
  detailDepth: 1_000,
  patternLength: 4_096,
  retryAttempts: 185,
  /** Seconds. */
  leastEventAge: 60,
  /** Seconds. */
  mostEventAge: 86_400,
  /** Replays that have not ended. */
  activeReplays: 10,
} as const;
