import type { ActionsSuppressedBy, CompositeAlarm as DescribedAlarm } from '@aws-sdk/client-cloudwatch';
import type { Timer } from '../../../clock';
import { AnyAlarm } from './any-alarm';
import type { CompositeDefinition } from './composite-definition';
import type { AlarmState } from './evaluation';

/** A composite alarm's suppressed actions. */
export interface Suppression {
  readonly by: ActionsSuppressedBy;
  readonly timer?: Timer;
}

/** A composite alarm: its state depends on those of other alarms. */
export class CompositeAlarm extends AnyAlarm<CompositeDefinition> {
  public readonly kind = 'CompositeAlarm';
  /** The last result of its rule; undefined before the first evaluation. */
  public verdict?: boolean;
  /** The last change to its configuration, as the reason of the next state words it. */
  public change = 'was created and its alarm rule';
  /** Why the current state's actions have not run yet; undefined if they are not suppressed. */
  public suppression?: Suppression;
  /** The last state whose actions ran. */
  public told: AlarmState = 'INSUFFICIENT_DATA';

  /** Replaces the configuration and keeps the state until the new rule is evaluated. */
  public override configure(definition: CompositeDefinition, now: number): void {
    super.configure(definition, now);
    this.verdict = undefined;
    this.change = 'was updated and its new alarm rule';
  }

  /** The names of all alarms that must exist for it. */
  public get dependsOn(): readonly string[] {
    const { rule, suppressor } = this.definition;
    return suppressor === undefined ? rule.children : [...rule.children, suppressor.alarmName];
  }

  /** The alarm as DescribeAlarms returns it. */
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
