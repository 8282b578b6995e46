export * from './cloudwatch';
export { type AlarmNotice } from './alarms/alarm-actions';
export { type AlarmEvent } from './alarms/alarm-event';
export { Dashboards } from './dashboards/dashboards';
export {
  evaluate,
  evaluationRange,
  type AlarmState,
  type EvaluationRule,
  type MissingData,
  type Verdict,
} from './alarms/evaluation';
