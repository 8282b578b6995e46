export * from './timeline';
export * from './timeline-echo';
