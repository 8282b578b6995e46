export * from './session-credentials';
export * from './sts';
