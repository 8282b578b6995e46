export * from './http-endpoint';
export * from './instance-metadata';
export * from './loopback-sender';
export * from './metadata-endpoint';
export * from './port-in-use';
export type { Forward, ForwardCredentials } from './forwarding';
export { forwardProblem } from './forwarding';
export { type Forwards, Substitutes } from './substitutes';
