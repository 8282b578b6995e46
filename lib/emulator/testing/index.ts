// What a service's testing is made of. A module of its own in the package, so it imports only types from elsewhere.
export * from './cloud-assertion-error';
export * from './function-error';
export * from './handle-context';
export * from './kind-of';
export * from './local-resource';
export * from './matcher';
export * from './parse-body';
export * from './recording';
export * from './resource-kind';
export * from './resource-reference';
export * from './running-time';
export * from './series';
export * from './service-testing';
export * from './time-span';
export * from './wait-options';
