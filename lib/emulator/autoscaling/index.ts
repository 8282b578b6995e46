export * from './autoscaling';
export type { AlarmSignal } from './scaler';
export type { Fleet, LaunchedInstance, LaunchTemplateData } from './fleet';
