export * from './consumer';
export * from './producer';
export * from './queue';
export * from './stream';
export * from './topic';
export * as mixins from './mixins';
export { type RuleAcknowledgement, RuleAcknowledgements } from './rules/acknowledged';
export { QueueRulesPlugin } from './rules/queue-rules-plugin';
