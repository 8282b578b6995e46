import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../../../clock';
import type { AlarmDefinition } from './alarm-definition';
import { AnyAlarm } from './any-alarm';

/** An alarm on metrics. */
export class Alarm extends AnyAlarm<AlarmDefinition> {
  public readonly kind = 'MetricAlarm';
  /** When it was last evaluated; undefined before the first time. */
  public evaluatedAt?: number;
  /** When the actions of the present state last ran; undefined when they didn't because nothing led into the state. */
  public actedAt?: number;
  /** Whether its warm-up is over, which happens once: it does not begin anew with another configuration. */
  public warmedUp: boolean;
  private readonly createdAt: number;

  constructor(arn: string, definition: AlarmDefinition, now: number) {
    super(arn, definition, now);
    this.createdAt = now;
    this.warmedUp = definition.warmUp === undefined;
  }

  /** When its warm-up is over at the latest; in the past where its present configuration has none. */
  public get warmUpEndsAt(): number {
    return this.createdAt + (this.definition.warmUp?.longest ?? 0);
  }

  /** The alarm as DescribeAlarms shows it. */
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
