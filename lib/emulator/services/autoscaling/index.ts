export * from './autoscaling';
export type { AlarmSignal } from './scaling/scaler';
export type { PolicyAlarms } from './scaling/target-tracking';
export type { Fleet, LaunchedInstance, LaunchTemplateData, LaunchTemplateVersion } from './fleet';
export type { InstanceView } from './instances/instance-view';
export type { AutoScalingLimits } from './limits';
export type { HookTargets } from './hooks/hook-notifications';
