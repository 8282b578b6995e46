export * from './known';
export * from './rule';
