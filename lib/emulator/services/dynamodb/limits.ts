const KIB = 1_024;

/** DynamoDB's quotas, and the sizes that its capacity is counted in. */
export const LIMITS = {
  /** Bytes of an item, attribute names included. */
  itemSize: 400 * KIB,
  partitionKeySize: 2_048,
  sortKeySize: 1_024,
  attributeNameSize: 65_535,
  /** Levels of lists and maps within one another. */
  nesting: 32,
  /** Bytes that Query and Scan read for one page. */
  pageSize: KIB * KIB,
  /** Bytes that BatchGetItem returns; the keys of further items come back unprocessed. */
  batchGetSize: 16 * KIB * KIB,
  batchGetKeys: 100,
  batchWrites: 25,
  transactionActions: 100,
  /** Bytes of a transaction's items together. */
  transactionSize: 4 * KIB * KIB,
  expressionSize: 4 * KIB,
  expressionOperators: 300,
  inOperands: 100,
  localIndexes: 5,
  globalIndexes: 20,
  tags: 50,
  segments: 1_000_000,
  readUnit: 4 * KIB,
  writeUnit: KIB,
} as const;
