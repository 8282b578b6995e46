export * from './cloudwatch';
export { type AlarmNotice } from './alarm-actions';
export { type AlarmEvent } from './alarm-event';
export { Dashboards } from './dashboards';
export {
  evaluate,
  evaluationRange,
  type AlarmState,
  type EvaluationRule,
  type MissingData,
  type Verdict,
} from './evaluation';
