export * from './consumer';
export * from './queue';
