import type { ActionsSuppressedBy, CompositeAlarm as DescribedAlarm } from '@aws-sdk/client-cloudwatch';
import type { Timer } from '../../../clock';
import { AnyAlarm } from './any-alarm';
import type { CompositeDefinition } from './composite-definition';
import type { AlarmState } from './evaluation';

/** Actions that are held back. */
export interface Suppression {
  readonly by: ActionsSuppressedBy;
  readonly timer?: Timer;
}

/** An alarm on the states of other alarms. */
export class CompositeAlarm extends AnyAlarm<CompositeDefinition> {
  public readonly kind = 'CompositeAlarm';
  /** What its rule last came to; undefined before the first time. */
  public verdict?: boolean;
  /** What has been done to it, in the words of the state that its rule comes to for the first time since. */
  public change = 'was created and its alarm rule';
  /** Why the actions of the present state have not run yet; undefined when nothing holds them back. */
  public suppression?: Suppression;
  /** The state that its actions last told of. */
  public told: AlarmState = 'INSUFFICIENT_DATA';

  /** Replaces the whole configuration; the state stays until the new rule has been looked at. */
  public override configure(definition: CompositeDefinition, now: number): void {
    super.configure(definition, now);
    this.verdict = undefined;
    this.change = 'was updated and its new alarm rule';
  }

  /** The names of all alarms that have to exist for it. */
  public get dependsOn(): readonly string[] {
    const { rule, suppressor } = this.definition;
    return suppressor === undefined ? rule.children : [...rule.children, suppressor.alarmName];
  }

  /** The alarm as DescribeAlarms shows it. */
  public describe(): DescribedAlarm {
    const { Tags: _tags, ...input } = this.definition.input;
    const by = this.suppression?.by;
    return {
      ...input,
      ...this.describeCommon(),
      ActionsSuppressedBy: by,
      ActionsSuppressedReason: by && `Actions suppressed by ${by}`,
    };
  }
}
