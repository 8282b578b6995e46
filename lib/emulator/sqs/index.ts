export type { EncryptionContext, KeyService } from './encryption';
export { AWS_LIMITS, type SqsLimits } from './limits';
export { Sqs, type SqsPorts } from './service';
