export { AWS_LIMITS, type SqsLimits } from './limits';
export { Sqs, type SqsPorts } from './service';
