export * from './clock';
export * from './random';
export * from './system-clock';
export * from './virtual-clock';
