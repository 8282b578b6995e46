import type {
  ActionsSuppressedBy,
  CompositeAlarm as DescribedAlarm,
  PutCompositeAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import { parseArn } from '../api';
import { SECOND, type Timer } from '../clock';
import { type AlarmRule, alarmNameOf, parseAlarmRule } from './alarm-rule';
import { constraint, missingParameter, validationError } from './errors';
import type { AlarmState } from './evaluation';

/** A composite alarm's configuration, checked. */
export interface CompositeDefinition {
  readonly name: string;
  readonly input: PutCompositeAlarmInput;
  readonly rule: AlarmRule;
  readonly suppressor?: Suppressor;
}

/** The alarm that keeps a composite alarm's actions from running, and how long is waited for it; in milliseconds. */
export interface Suppressor {
  readonly alarmName: string;
  /** For how long it may come after the composite alarm has gone off. */
  readonly wait: number;
  /** For how long it counts after it is over. */
  readonly extension: number;
}

/** Actions that are held back. */
export interface Suppression {
  readonly by: ActionsSuppressedBy;
  readonly timer?: Timer;
}

const MOST_ACTIONS = 5;

/** Checks what PutCompositeAlarm was given. */
export function defineCompositeAlarm(input: PutCompositeAlarmInput): CompositeDefinition {
  const { AlarmName: name, AlarmRule: rule } = input;
  if (name === undefined) throw missingParameter('AlarmName');
  if (rule === undefined) throw missingParameter('AlarmRule');
  if (name.length < 1 || name.length > 255)
    throw constraint(name, 'alarmName', 'Member must have length between 1 and 255');
  for (const member of ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const) {
    const actions = input[member] ?? [];
    if (actions.length > MOST_ACTIONS)
      throw constraint(actions, member, `Member must have length less than or equal to ${MOST_ACTIONS}`);
    for (const action of actions) checkAction(member, action);
  }
  return { name, input, rule: parseAlarmRule(rule), suppressor: suppressorOf(input) };
}

function checkAction(member: string, action: string): void {
  const arn = parseArn(action);
  if (arn === undefined) throw validationError(`Invalid arn syntax in ${member}: ${action}`);
  if (['autoscaling', 'automate', 'swf'].includes(arn.service))
    throw validationError(`${member} of a composite alarm cannot be of Auto Scaling or EC2, got ${action}.`);
}

function suppressorOf(input: PutCompositeAlarmInput): Suppressor | undefined {
  const { ActionsSuppressor: suppressor } = input;
  const [wait, extension] = (['ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod'] as const).map(
    (member) => {
      const seconds = input[member];
      if ((seconds === undefined) !== (suppressor === undefined))
        throw validationError(`ActionsSuppressor and ${member} must be specified together.`);
      if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 0))
        throw validationError(`${member} must be 0 or more whole seconds, got ${seconds}.`);
      return (seconds ?? 0) * SECOND;
    },
  );
  return suppressor === undefined ? undefined : { alarmName: alarmNameOf(suppressor), wait, extension };
}

/** A composite alarm: its configuration and the state that it is in. */
export class CompositeAlarm {
  public state: AlarmState = 'INSUFFICIENT_DATA';
  public reason = 'Unchecked: Initial alarm creation';
  public reasonData?: string;
  public actionsEnabled: boolean;
  public stateUpdatedAt: number;
  public transitionedAt: number;
  public configuredAt: number;
  /** What its rule last came to; undefined before the first time. */
  public verdict?: boolean;
  /** Why the actions of the present state have not run yet; undefined when nothing holds them back. */
  public suppression?: Suppression;
  /** The state that its actions last told of. */
  public told: AlarmState = 'INSUFFICIENT_DATA';

  constructor(
    public readonly arn: string,
    public definition: CompositeDefinition,
    now: number,
  ) {
    this.actionsEnabled = definition.input.ActionsEnabled ?? true;
    this.stateUpdatedAt = this.transitionedAt = this.configuredAt = now;
  }

  /** Replaces the whole configuration; the state stays until the new rule has been looked at. */
  public configure(definition: CompositeDefinition, now: number): void {
    this.definition = definition;
    this.actionsEnabled = definition.input.ActionsEnabled ?? true;
    this.configuredAt = now;
    this.verdict = undefined;
  }

  /** The names of all alarms that have to exist for it. */
  public get dependsOn(): readonly string[] {
    const { rule, suppressor } = this.definition;
    return suppressor === undefined ? rule.children : [...rule.children, suppressor.alarmName];
  }

  /** The actions of the present state. */
  public get actions(): readonly string[] {
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = this.definition.input;
    return { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions }[this.state];
  }

  /** The alarm as DescribeAlarms shows it. */
  public describe(): DescribedAlarm {
    const { Tags: _tags, ...input } = this.definition.input;
    return {
      ...input,
      AlarmArn: this.arn,
      AlarmConfigurationUpdatedTimestamp: new Date(this.configuredAt),
      ActionsEnabled: this.actionsEnabled,
      AlarmActions: input.AlarmActions ?? [],
      OKActions: input.OKActions ?? [],
      InsufficientDataActions: input.InsufficientDataActions ?? [],
      StateValue: this.state,
      StateReason: this.reason,
      StateReasonData: this.reasonData,
      StateUpdatedTimestamp: new Date(this.stateUpdatedAt),
      StateTransitionedTimestamp: new Date(this.transitionedAt),
      ActionsSuppressedBy: this.suppression?.by,
    };
  }
}
