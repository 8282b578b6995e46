export { accessOf, byIdentity, type IdentityPolicies, refusalOf, type SessionRefusal } from './identity';
export { MalformedPolicy } from './malformed';
export { type Policy, readIdentityPolicy, readPolicy, type ResourcePolicy, type Verdict } from './policy';
export type { AccessRequest } from './request';
export * from './request-guard';
