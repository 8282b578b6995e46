export * from './http-endpoint';
export * from './instance-metadata';
export * from './metadata-endpoint';
export * from './port-in-use';
