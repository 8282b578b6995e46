import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { AlarmState } from './evaluation';

/** The kinds of alarms, as requests name them. */
export const ALARM_KINDS = ['CompositeAlarm', 'MetricAlarm'] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** The actions of an alarm's states. */
export type AlarmActions = Pick<
  PutMetricAlarmInput,
  'ActionsEnabled' | 'AlarmActions' | 'OKActions' | 'InsufficientDataActions'
>;

/** An alarm's state, its reason, and when it was set. Times are in milliseconds since the epoch. */
export interface StateRecord {
  readonly state: AlarmState;
  readonly reason: string;
  /** JSON. */
  readonly reasonData?: string;
  /** When the state, its reason or its data were last set. */
  readonly updatedAt: number;
  /** When the state last changed. */
  readonly transitionedAt: number;
}

/** What all kinds of alarms have in common: a name, actions and a state. */
export abstract class AnyAlarm<
  Definition extends { readonly name: string; readonly input: AlarmActions } = {
    readonly name: string;
    readonly input: AlarmActions;
  },
> {
  public abstract readonly kind: AlarmKind;
  public current: StateRecord;
  /** The state before the current one; undefined until the first change. */
  public previous?: StateRecord;
  public actionsEnabled: boolean;
  public configuredAt: number;

  constructor(
    public readonly arn: string,
    public definition: Definition,
    now: number,
  ) {
    const reason = 'Unchecked: Initial alarm creation';
    this.current = { state: 'INSUFFICIENT_DATA', reason, updatedAt: now, transitionedAt: now };
    this.actionsEnabled = definition.input.ActionsEnabled ?? true;
    this.configuredAt = now;
  }

  public get name(): string {
    return this.definition.name;
  }

  public get state(): AlarmState {
    return this.current.state;
  }

  /** Replaces the configuration and keeps the state. */
  public configure(definition: Definition, now: number): void {
    this.definition = definition;
    this.actionsEnabled = definition.input.ActionsEnabled ?? true;
    this.configuredAt = now;
  }

  /** The actions of the current state. */
  public get actions(): readonly string[] {
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = this.definition.input;
    return { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions }[this.state];
  }

  /** The actions of all states. */
  public get allActions(): readonly string[] {
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = this.definition.input;
    return [...AlarmActions, ...OKActions, ...InsufficientDataActions];
  }

  /** The members of DescribeAlarms that all kinds of alarms have. */
  protected describeCommon() {
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = this.definition.input;
    return {
      AlarmArn: this.arn,
      AlarmConfigurationUpdatedTimestamp: new Date(this.configuredAt),
      ActionsEnabled: this.actionsEnabled,
      AlarmActions,
      OKActions,
      InsufficientDataActions,
      StateValue: this.state,
      StateReason: this.current.reason,
      StateReasonData: this.current.reasonData,
      StateUpdatedTimestamp: new Date(this.current.updatedAt),
      StateTransitionedTimestamp: new Date(this.current.transitionedAt),
    };
  }
}
