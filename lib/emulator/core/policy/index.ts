export { MalformedPolicy } from './malformed';
export { readPolicy, type ResourcePolicy, type Verdict } from './policy';
export type { AccessRequest } from './request';
export * from './request-guard';
