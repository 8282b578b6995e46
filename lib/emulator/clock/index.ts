export * from './clock';
export * from './clock-scope';
export * from './cron';
export * from './random';
export * from './surface';
export * from './system-clock';
export * from './time-zone';
export * from './virtual-clock';
