export type { DeliveryAnomalyOptions as AdversaryOptions, DeliveryAnomaly as Mischief } from './adversary';
export type { QueueAccess, QueuePolicy, ReadPolicy } from './authorization';
export type { EncryptionContext, KeyService } from './encryption';
export { AWS_LIMITS, limitsOf, type SqsLimits } from './limits';
export { type QueueInfo as QueueTraits, Sqs, type SqsDependencies as SqsPorts } from './sqs';
