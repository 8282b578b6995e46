export * from './known';
export * from './prop-types';
export * from './props';
export * from './rule';
