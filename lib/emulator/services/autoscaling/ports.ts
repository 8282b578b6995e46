import { port } from '../../core';
import type { Fleet, LaunchTemplateVersion } from './fleet';
import type { PolicyAlarms } from './scaling/target-tracking';

/** What runs instances. */
export const FLEET = port<Fleet>('autoscaling/fleet');
/** Returns a launch template's version; throws AWS's error if there is none. */
export const LAUNCH_TEMPLATES =
  port<(idOrName: string, version: string) => LaunchTemplateVersion>('autoscaling/launch-templates');
/** Where target-tracking policies keep their alarms. */
export const POLICY_ALARMS = port<PolicyAlarms>('autoscaling/alarms');
