export { type KeyAccessRequest, Kms, type KmsPorts } from './kms';
