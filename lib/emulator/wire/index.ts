export * from './request-handler';
export * from './service-binding';
export * from './services';
export * from './wire';
export * from './wire-request';
