export * from './in-process-request-handler';
export * from './service-binding';
export * from '../services/bindings';
export * from './request-router';
export * from './wire-request';
