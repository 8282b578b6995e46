export * from './evaluate';
export * from './expression';
export * from './parse';
export * from './value';
