import type { Target } from '@aws-sdk/client-eventbridge';
import { formatArn } from '../../../core';
import type { Timer } from '../../../clock';
import type { EventPattern } from '../patterns/event-pattern';
import { idMaker, inputMaker } from '../targets/input';
import type { BusEvent } from '../bus-event';
import type { RuleSchedule } from './rule-schedule';

/** The default event bus of an account and Region. */
export const DEFAULT_BUS = 'default';

export type RuleState = 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** What PutRule sets: all of it each time. */
export interface RuleSettings {
  readonly patternText?: string;
  readonly pattern?: EventPattern;
  readonly scheduleExpression?: string;
  readonly schedule?: RuleSchedule;
  readonly state: RuleState;
  readonly description?: string;
  readonly roleArn?: string;
}

/** A target of a rule, and what it gets of an event. */
export class RuleTarget {
  public readonly input: ReturnType<typeof inputMaker>;
  public readonly messageGroupId?: (event: BusEvent) => string | undefined;
  public readonly partitionKey?: (event: BusEvent) => string | undefined;

  constructor(public readonly settings: Target & { Id: string; Arn: string }) {
    const { SqsParameters, KinesisParameters } = settings;
    this.input = inputMaker(settings);
    if (SqsParameters?.MessageGroupId !== undefined) this.messageGroupId = idMaker(SqsParameters.MessageGroupId);
    if (KinesisParameters?.PartitionKeyPath !== undefined) {
      this.partitionKey = idMaker(KinesisParameters.PartitionKeyPath);
    }
  }
}

/** A rule of an event bus. */
export class Rule {
  public readonly arn: string;
  public readonly targets = new Map<string, RuleTarget>();
  public readonly tags = new Map<string, string>();
  /** The next firing of its schedule. */
  public timer?: Timer;

  constructor(
    public readonly name: string,
    public readonly busName: string,
    public readonly region: string,
    public readonly account: string,
    public settings: RuleSettings,
  ) {
    const path = busName === DEFAULT_BUS ? name : `${busName}/${name}`;
    this.arn = formatArn('events', region, account, `rule/${path}`);
  }

  public get isEnabled(): boolean {
    return this.settings.state !== 'DISABLED';
  }
}
