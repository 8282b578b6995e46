export * from './timeline';
export * from './timeline-replay';
