import type { DeadLetterConfig, LogConfig } from '@aws-sdk/client-eventbridge';
import { formatArn } from '../../../core';
import type { BusEvent } from '../bus-event';
import type { Rule } from '../rules/rule';
import { RuleIndex } from '../rules/rule-index';
import { BusPolicy } from './bus-policy';

/** What CreateEventBus and UpdateEventBus set. */
export interface BusSettings {
  readonly description?: string;
  readonly kmsKeyIdentifier?: string;
  readonly deadLetterConfig?: DeadLetterConfig;
  readonly logConfig?: LogConfig;
}

/** An event bus and its rules. */
export class EventBus {
  public readonly arn: string;
  public readonly policy: BusPolicy;
  public readonly tags = new Map<string, string>();
  public settings: BusSettings = {};
  public modifiedAt: number;
  private readonly ruleByName = new Map<string, Rule>();
  private index?: RuleIndex;

  constructor(
    public readonly name: string,
    region: string,
    account: string,
    public readonly createdAt: number,
  ) {
    this.arn = formatArn('events', region, account, `event-bus/${name}`);
    this.policy = new BusPolicy(this.arn);
    this.modifiedAt = createdAt;
  }

  public rule(name: string): Rule | undefined {
    return this.ruleByName.get(name);
  }

  /** The rules by name, sorted. */
  public rules(): Rule[] {
    return [...this.ruleByName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  public get ruleCount(): number {
    return this.ruleByName.size;
  }

  /** How many of its rules have the operator `wildcard`. */
  public get wildcardRuleCount(): number {
    return [...this.ruleByName.values()].filter(({ settings }) => settings.pattern?.hasWildcard).length;
  }

  public addRule(rule: Rule): void {
    this.ruleByName.set(rule.name, rule);
    this.rulesChanged();
  }

  public deleteRule(name: string): void {
    this.ruleByName.delete(name);
    this.rulesChanged();
  }

  /** To be called when a rule's pattern or state has changed. */
  public rulesChanged(): void {
    this.index = undefined;
  }

  /** The enabled rules whose pattern matches an event. */
  public matching(event: BusEvent): Rule[] {
    this.index ??= new RuleIndex(this.ruleByName.values());
    return this.index.matching(event);
  }
}
