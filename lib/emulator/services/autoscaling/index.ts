import { assumedRole, AwsError, isNumber, milliseconds, must, SERVICE_EVENTS } from '../../core';
import { defineService } from '../service-definition';
import { AutoScaling } from './autoscaling';
import type { AutoScalingLimits } from './limits';
import { FLEET, LAUNCH_TEMPLATES, POLICY_ALARMS } from './ports';
import { protocol } from './protocol';
import { autoScalingGroup } from './resources/group';
import { autoScalingLifecycleHook } from './resources/lifecycle-hook';
import { autoScalingPolicy } from './resources/scaling-policy';
import { autoScalingScheduledAction } from './resources/scheduled-action';
import { autoScalingWarmPool } from './resources/warm-pool';
import type { GroupStatus } from './status';
import type { AlarmSignal } from './scaling/scaler';
import { testing } from './testing';

export * from './ports';
export * from './autoscaling';
export type { AlarmSignal } from './scaling/scaler';
export type { PolicyAlarms } from './scaling/target-tracking';
export type { Fleet, LaunchedInstance, LaunchTemplateData, LaunchTemplateVersion } from './fleet';
export type { InstanceView } from './instances/instance-view';
export type { AutoScalingLimits } from './limits';
export type { WorkerControl, WorkerModel } from './worker-model';
export type { HookTargets } from './hooks/hook-notifications';

/** What can be set of EC2 Auto Scaling. */
export type AutoScalingOptions = Partial<AutoScalingLimits>;

/** Amazon EC2 Auto Scaling. */
export const autoscaling = defineService<
  'autoscaling',
  AutoScaling,
  AutoScalingOptions,
  { readonly groups: readonly GroupStatus[] },
  typeof testing
>({
  name: 'autoscaling',
  protocol,
  errors: {
    throttled: () => new AwsError('Throttling', 'Rate exceeded'),
    internal: { shape: 'InternalFailure' },
  },
  options: {
    bootTime: milliseconds,
    healthCheckDelay: milliseconds,
    instanceLimit: must(
      'a whole number of 1 or more',
      (value) => Number.isSafeInteger(value) && (value as number) >= 1,
    ),
    scaleInShare: must('more than 0 and at most 1', (value) => isNumber(value) && value > 0 && value <= 1),
    warmStartTime: milliseconds,
  },
  resourceTypes: [
    autoScalingGroup,
    autoScalingLifecycleHook,
    autoScalingPolicy,
    autoScalingScheduledAction,
    autoScalingWarmPool,
  ],
  resourcesOf: ({ AutoScalingGroupName: name }) => (typeof name === 'string' ? [name] : []),
  deliver: (service, targetArn, { source }) => service.alarmed(targetArn, source as AlarmSignal),
  status: { sections: ['groups'], of: (service) => ({ groups: service.groups() }) },
  testing,
  create: ({ options: limits, use, deliver, account, region, ...dependencies }) =>
    new AutoScaling({
      ...dependencies,
      account,
      region,
      fleet: use(FLEET),
      launchTemplate: use(LAUNCH_TEMPLATES),
      alarms: use(POLICY_ALARMS),
      events: { emit: (...event) => use(SERVICE_EVENTS).emit(...event) },
      hookTargets: {
        send(targetArn, payload, groupArn, roleArn) {
          // With a role, Auto Scaling calls as the role, and names no source.
          const caller =
            roleArn === undefined
              ? { principal: SERVICE_PRINCIPAL, sourceArn: groupArn, sourceAccount: account }
              : { principal: assumedRole(account, roleArn, 'AutoScaling') };
          deliver(targetArn, { payload }, { account, region, ...caller, endpoint: '' });
        },
      },
      limits,
    }),
});

const SERVICE_PRINCIPAL = 'autoscaling.amazonaws.com';
