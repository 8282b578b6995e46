export * from './autoscaling';
export type { AlarmSignal } from './scaler';
export type { PolicyAlarms } from './target-tracking';
export type { Fleet, LaunchedInstance, LaunchTemplateData, LaunchTemplateVersion } from './fleet';
export type { InstanceView } from './instance-view';
export type { AutoScalingLimits } from './limits';
export type { HookTargets } from './hook-notifications';
