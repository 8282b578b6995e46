export * from './answer-lost';
export * from './arn';
export * from './aws-error';
export * from './call';
export * from './metric';
export * from './page';
export * from './principal';
export * from './queue-url';
