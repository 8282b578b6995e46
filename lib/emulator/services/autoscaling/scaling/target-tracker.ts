import type { Clock } from '../../../clock';
import { validationError } from '../errors';
import type { Group } from '../groups/group';
import { type AlarmSignal, bounded, type Scaler } from './scaler';
import type { ScalingPolicy } from './scaling-policy';
import { LOW_FOR, type PolicyAlarms, type TargetTracking } from './target-tracking';

/** The collaborators of {@link TargetTracker}. */
export interface TargetTrackerDependencies {
  readonly clock: Clock;
  readonly scaler: Scaler;
  readonly alarms: PolicyAlarms;
}

/** A policy of the type TargetTrackingScaling. */
type TrackingPolicy = ScalingPolicy & { readonly tracking: TargetTracking };

/** Scales groups by their target-tracking policies: out if any policy requires it, in if all of them allow it. */
export class TargetTracker {
  /** The highest value in the window of each policy's low alarm, as of its last signal. */
  private readonly lows = new WeakMap<ScalingPolicy, number>();

  constructor(private readonly dependencies: TargetTrackerDependencies) {}

  /** Executes a policy because one of its two alarms is in ALARM. Does nothing without a data point. */
  public alarmed(group: Group, policy: TrackingPolicy, signal: AlarmSignal): void {
    const { high, low } = policy.tracking;
    if (signal.alarmName !== high.AlarmName && signal.alarmName !== low.AlarmName) {
      throw validationError(
        `The alarm ${signal.alarmName} cannot run the policy ${policy.name}: a target-tracking policy is run by its own alarms.`,
      );
    }
    if (!isEnabled(policy) || group.deleting || signal.values.length === 0) return;
    const who = `a monitor alarm ${signal.alarmName} in state ${signal.state} triggered policy ${policy.name}`;
    if (signal.alarmName === high.AlarmName) this.scaleOut(group, policy, signal.values, who);
    else this.scaleIn(group, policy, signal.values, who);
  }

  /**
   * Scales out in proportion to the newest value, as fast as possible. Instances that are warming up are assumed to
   * relieve the others soon: only warm instances are multiplied, and the result is compared with the desired capacity.
   */
  private scaleOut(group: Group, policy: TrackingPolicy, values: readonly number[], who: string): void {
    const warm = group.desired - this.warming(group, policy);
    const wanted = needed(group, warm, values[values.length - 1], policy);
    if (wanted > group.desired) this.dependencies.scaler.setDesired(group, wanted, who);
  }

  /**
   * Scales in by the highest value of each policy's whole window, so that one low minute does not empty a group; and
   * only after the group has had its size for that long. Otherwise, data from before the last scale-in would suggest
   * that fewer instances suffice.
   */
  private scaleIn(group: Group, policy: TrackingPolicy, values: readonly number[], who: string): void {
    this.lows.set(policy, Math.max(...values));
    if (!policy.tracking.scalesIn || this.warming(group, policy) > 0) return;
    if (this.dependencies.clock.now() < group.shrunkAt + LOW_FOR) return;
    const wishes = [...group.policies.values()].filter(scalesIn).map((other) => this.wish(group, other));
    const wanted = Math.max(...wishes);
    if (wanted < group.desired) this.dependencies.scaler.setDesired(group, wanted, who);
  }

  /** The capacity that suffices for a policy; the current one unless its low alarm is in ALARM. */
  private wish(group: Group, policy: TrackingPolicy): number {
    const low = this.lows.get(policy);
    const told = low !== undefined && this.dependencies.alarms.isInAlarm(policy.tracking.low.AlarmName as string);
    return told ? needed(group, group.desired, low, policy) : group.desired;
  }

  private warming(group: Group, { input }: ScalingPolicy): number {
    return this.dependencies.scaler.warming(group, input.EstimatedInstanceWarmup);
  }
}

/** Whether a policy is a target-tracking policy. */
export function tracks(policy: ScalingPolicy): policy is TrackingPolicy {
  return policy.tracking !== undefined;
}

function scalesIn(policy: ScalingPolicy): policy is TrackingPolicy {
  return tracks(policy) && policy.tracking.scalesIn && isEnabled(policy);
}

function isEnabled({ input }: ScalingPolicy): boolean {
  return input.Enabled ?? true;
}

/**
 * The capacity that brings the metric to its target, if it is inversely proportional: rounded up, within the bounds.
 */
function needed(group: Group, capacity: number, value: number, { tracking: { target } }: TrackingPolicy): number {
  const exact = (capacity * value) / target;
  // A quotient such as 100 / 3 may, multiplied again, slightly exceed the whole number.
  return bounded(group, Math.ceil(exact - exact * 1e-9));
}
