import type { ProcessesType, ScalingProcessQuery } from '@aws-sdk/client-auto-scaling';
import type { Clock } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { causeTime } from '../instances/activities';
import { checkOneOf } from '../errors';
import type { Group } from './group';
import type { Groups } from './groups';

/** The processes of a group that can be suspended. There are no load balancers to add instances to. */
const SCALING_PROCESSES = [
  'AZRebalance',
  'AddToLoadBalancer',
  'AlarmNotification',
  'HealthCheck',
  'InstanceRefresh',
  'Launch',
  'ReplaceUnhealthy',
  'ScheduledActions',
  'Terminate',
] as const;

export type ScalingProcess = (typeof SCALING_PROCESSES)[number];

/** The collaborators of {@link Processes}. */
export interface ProcessesDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly groups: Groups;
  /** Called when processes are resumed: the group catches up. */
  readonly resumed: (group: Group) => void;
}

/** Suspends and resumes the processes of groups. */
export class Processes {
  constructor(private readonly dependencies: ProcessesDependencies) {}

  /** Suspends the named processes, or all of them if none is named. A suspended process stays suspended. */
  public suspend(input: ScalingProcessQuery): void {
    const { clock, timeline } = this.dependencies;
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const reason = `User suspended at ${causeTime(clock.now())}`;
    for (const process of named(input)) {
      if (!group.runs(process)) continue;
      group.suspended.set(process, reason);
      timeline.record('autoscaling.suspended', group.name, { process });
    }
  }

  public resume(input: ScalingProcessQuery): void {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    for (const process of named(input)) {
      if (!group.suspended.delete(process)) continue;
      this.dependencies.timeline.record('autoscaling.resumed', group.name, { process });
    }
    this.dependencies.resumed(group);
  }
}

export function describeScalingProcessTypes(): ProcessesType {
  return { Processes: SCALING_PROCESSES.map((ProcessName) => ({ ProcessName })) };
}

function named({ ScalingProcesses: names }: ScalingProcessQuery): readonly ScalingProcess[] {
  if (names === undefined || names.length === 0) return SCALING_PROCESSES;
  for (const name of names) checkOneOf('ScalingProcesses', name, SCALING_PROCESSES);
  return SCALING_PROCESSES.filter((process) => names.includes(process));
}
