/** The quotas of IAM, by the name that its errors give them where they do. */
export const LIMITS = {
  attachedPolicies: 10,
  policyVersions: 5,
  accessKeysPerUser: 2,
  groupsPerUser: 10,
  tags: 50,
  /** Characters of documents, without blanks. */
  managedPolicy: 6_144,
  trustPolicy: 2_048,
  inlinePolicies: { role: 10_240, user: 2_048, group: 5_120 },
} as const;
