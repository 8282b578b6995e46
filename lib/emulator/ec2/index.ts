export * from './launch-templates';
