export * from './cloudwatch';
export { type AlarmNotice } from './alarm-actions';
export { type AlarmEvent } from './alarm-event';
export {
  evaluate,
  evaluationRange,
  type AlarmState,
  type EvaluationRule,
  type MissingData,
  type Verdict,
} from './evaluation';
