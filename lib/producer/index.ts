export * from './account-producer';
export * from './bucket-producer';
export * from './event-rule-producer';
export * from '../queue/queue-producer';
export * from './schedule-producer';
export * from './topic-producer';
