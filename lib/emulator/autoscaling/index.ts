export * from './autoscaling';
export type { AlarmSignal } from './scaler';
export type { PolicyAlarms } from './target-tracking';
export type { Fleet, LaunchedInstance, LaunchTemplateData } from './fleet';
