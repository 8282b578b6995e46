export * from './consumer';
export * from './producer';
export * from './queue';
export * from './stream';
export * from './topic';
export * as mixins from './mixins';
export * from './monitoring';
export { type RuleAcknowledgement, RuleAcknowledgements } from './rules/acknowledged';
export { QueueRulesPlugin, type QueueRulesPluginProps } from './rules/queue-rules-plugin';
