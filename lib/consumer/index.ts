export * from './auto-scaling-group-consumer';
export * from './auto-scaling-group-consumer-props';
export * from './depth-scaling';
export * from './lambda-consumer';
export * from './queue-consumer';
export * from './worker-program';
