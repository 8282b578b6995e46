export type { KmsLimits } from './quota';
export { type KeyAccessRequest, Kms, type KmsDependencies as KmsPorts } from './kms';
