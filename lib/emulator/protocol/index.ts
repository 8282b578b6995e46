export * from './in-process-request-handler';
export * from './protocol-binding';
export { methodOf, Operation } from './operation';
export type { RoutedService } from './service';
export * from './request-router';
export * from './http-request';
export type { CredentialScope } from './credential-scope';
export { answerByStub, type StubHandler } from './stub';
