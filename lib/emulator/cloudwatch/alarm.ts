import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../clock';
import type { AlarmDefinition } from './alarm-definition';
import type { AlarmState } from './evaluation';

/** An alarm: its configuration and the state that it is in. */
export class Alarm {
  public state: AlarmState = 'INSUFFICIENT_DATA';
  public reason = 'Unchecked: Initial alarm creation';
  public reasonData?: string;
  public actionsEnabled = true;
  /** When the state, its reason or its data were last set. */
  public stateUpdatedAt: number;
  /** When the state last became another one. */
  public transitionedAt: number;
  public configuredAt: number;
  /** When it was last evaluated; undefined before the first time. */
  public evaluatedAt?: number;
  /** When the actions of the present state last ran; undefined when they didn't because nothing led into the state. */
  public actedAt?: number;

  constructor(
    public readonly arn: string,
    public definition: AlarmDefinition,
    now: number,
  ) {
    this.actionsEnabled = definition.input.ActionsEnabled ?? true;
    this.stateUpdatedAt = this.transitionedAt = this.configuredAt = now;
  }

  /** Replaces the whole configuration; the state stays. */
  public configure(definition: AlarmDefinition, now: number): void {
    this.definition = definition;
    this.actionsEnabled = definition.input.ActionsEnabled ?? true;
    this.configuredAt = now;
  }

  /** The actions of the present state. */
  public get actions(): readonly string[] {
    const { AlarmActions, OKActions, InsufficientDataActions } = this.definition.input;
    switch (this.state) {
      case 'ALARM':
        return AlarmActions ?? [];
      case 'OK':
        return OKActions ?? [];
      case 'INSUFFICIENT_DATA':
        return InsufficientDataActions ?? [];
    }
  }

  /** The alarm as DescribeAlarms shows it. */
  public describe(): MetricAlarm {
    const { Tags: _tags, ...input } = this.definition.input;
    const { watched } = this.definition;
    return {
      ...input,
      AlarmArn: this.arn,
      AlarmConfigurationUpdatedTimestamp: new Date(this.configuredAt),
      ActionsEnabled: this.actionsEnabled,
      AlarmActions: input.AlarmActions ?? [],
      OKActions: input.OKActions ?? [],
      InsufficientDataActions: input.InsufficientDataActions ?? [],
      Dimensions: input.Metrics === undefined ? (input.Dimensions ?? []) : [],
      Period: watched.source === undefined || input.Metrics !== undefined ? undefined : watched.period / SECOND,
      StateValue: this.state,
      StateReason: this.reason,
      StateReasonData: this.reasonData,
      StateUpdatedTimestamp: new Date(this.stateUpdatedAt),
      StateTransitionedTimestamp: new Date(this.transitionedAt),
    };
  }
}
