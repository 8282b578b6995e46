export * from './queue-encryption';
export * from './standard-queue';
export * from './standard-queue-props';
