import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../../../clock';
import type { AlarmDefinition } from './alarm-definition';
import { AnyAlarm } from './any-alarm';

/** A metric alarm. */
export class Alarm extends AnyAlarm<AlarmDefinition> {
  public readonly kind = 'MetricAlarm';
  /** The time of the last evaluation; undefined before the first. */
  public evaluatedAt?: number;
  /** When the current state's actions last ran; undefined if they have not, as for the initial state. */
  public actedAt?: number;
  /** Whether its warm-up is over. That happens once: a new configuration does not restart it. */
  public warmedUp: boolean;
  private readonly createdAt: number;

  constructor(arn: string, definition: AlarmDefinition, now: number) {
    super(arn, definition, now);
    this.createdAt = now;
    this.warmedUp = definition.warmUp === undefined;
  }

  /** When its warm-up ends at the latest; in the past if its configuration has none. */
  public get warmUpEndsAt(): number {
    return this.createdAt + (this.definition.warmUp?.longest ?? 0);
  }

  /** The alarm as DescribeAlarms returns it. */
  public describe(): MetricAlarm {
    const { Tags: _tags, ...input } = this.definition.input;
    const { watched } = this.definition;
    const single = input.Metrics === undefined;
    return {
      ...input,
      ...this.describeCommon(),
      Dimensions: single ? (input.Dimensions ?? []) : [],
      Period: single ? watched.period / SECOND : undefined,
    };
  }
}
