import { port } from '../../core';
import type { Fleet, LaunchTemplateVersion } from './fleet';
import type { WorkerControl } from './worker-model';
import type { PolicyAlarms } from './scaling/target-tracking';

/** Runs instances. */
export const FLEET = port<Fleet>('autoscaling/fleet');
/** Models and crashes the workers on instances, for tests. */
export const WORKER_CONTROL = port<WorkerControl>('autoscaling/control');
/** Returns a launch template's version; throws AWS's error if there is none. */
export const LAUNCH_TEMPLATES =
  port<(idOrName: string, version: string) => LaunchTemplateVersion>('autoscaling/launch-templates');
/** Stores the alarms of target-tracking policies. */
export const POLICY_ALARMS = port<PolicyAlarms>('autoscaling/alarms');
