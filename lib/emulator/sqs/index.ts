export type { AdversaryOptions } from './adversary';
export type { EncryptionContext, KeyService } from './encryption';
export { AWS_LIMITS, limitsOf, type SqsLimits } from './limits';
export { Sqs, type SqsPorts } from './service';
