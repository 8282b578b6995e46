export * from './cloudwatch';
export { type AlarmNotice } from './alarm-evaluator';
export {
  evaluate,
  evaluationRange,
  type AlarmState,
  type EvaluationRule,
  type MissingData,
  type Verdict,
} from './evaluation';
