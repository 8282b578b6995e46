export type { KmsLimits } from './quota';
export { type KeyAccessRequest, Kms, type KmsPorts } from './kms';
