import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  ListRuleNamesByTargetRequest,
  ListRuleNamesByTargetResponse,
  ListRulesRequest,
  ListRulesResponse,
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutRuleRequest,
  PutRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  Rule as RuleEntry,
} from '@aws-sdk/client-eventbridge';
import type { Clock } from '../../../clock';
import type { Buses } from '../buses/buses';
import type { EventBus } from '../buses/event-bus';
import { limitExceeded, ruleNotFound, validation } from '../errors';
import { LIMITS } from '../limits';
import { addTags } from '../tags';
import { checkTargets } from '../targets/target-checks';
import { listed } from '../validation';
import { Rule, RuleTarget } from './rule';
import { readRuleSettings } from './rule-settings';

/** The collaborators of {@link Rules}. */
export interface RulesDependencies {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  readonly buses: Buses;
  /** Sends a scheduled rule's event to its targets. */
  readonly fire: (rule: Rule) => void;
}

type RuleReference = Pick<DescribeRuleRequest, 'Name' | 'EventBusName'>;

/** The rules of all buses of an account and Region, and their targets. */
export class Rules {
  constructor(private readonly dependencies: RulesDependencies) {}

  /** Creates a rule, or replaces its settings; its targets stay. */
  public put(input: PutRuleRequest): PutRuleResponse {
    const { account, region, buses } = this.dependencies;
    const { Name = '', EventBusName, Tags = [] } = input;
    const bus = buses.named(EventBusName);
    const settings = readRuleSettings(input, bus.name);
    const known = bus.rule(Name);
    if (known === undefined && bus.ruleCount >= LIMITS.rulesPerBus) throw limitExceeded();
    const hadWildcard = known?.settings.pattern?.hasWildcard === true;
    if (settings.pattern?.hasWildcard === true && !hadWildcard) {
      if (bus.wildcardRuleCount >= LIMITS.wildcardRulesPerBus) throw limitExceeded();
    }
    const rule = known ?? new Rule(Name, bus.name, region, account, settings);
    // The tags of a rule that is there already are ignored.
    if (known === undefined) addTags(rule.tags, Tags);
    const isSame = known?.settings.scheduleExpression === settings.scheduleExpression && known?.isEnabled;
    rule.settings = settings;
    bus.addRule(rule);
    if (!(isSame === true && rule.isEnabled)) this.restart(rule);
    return { RuleArn: rule.arn };
  }

  /** Succeeds if there is no such rule. */
  public delete({ Name = '', EventBusName }: DeleteRuleRequest): void {
    const bus = this.dependencies.buses.named(EventBusName);
    const rule = bus.rule(Name);
    if (rule === undefined) return;
    if (rule.targets.size > 0) throw validation("Rule can't be deleted since it has targets.");
    rule.timer?.cancel();
    bus.deleteRule(Name);
  }

  public describe(reference: DescribeRuleRequest): DescribeRuleResponse {
    const { rule } = this.find(reference);
    return { ...shown(rule), CreatedBy: rule.account };
  }

  public enable(reference: RuleReference, state: 'ENABLED' | 'DISABLED'): void {
    const { rule, bus } = this.find(reference);
    const wasEnabled = rule.isEnabled;
    rule.settings = { ...rule.settings, state };
    bus.rulesChanged();
    if (rule.isEnabled !== wasEnabled) this.restart(rule);
  }

  public list(input: ListRulesRequest): ListRulesResponse {
    const bus = this.dependencies.buses.named(input.EventBusName);
    const all = bus.rules().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
    const { items, nextToken } = listed(all, input);
    return { Rules: items.map(shown), NextToken: nextToken };
  }

  public namesByTarget(input: ListRuleNamesByTargetRequest): ListRuleNamesByTargetResponse {
    const bus = this.dependencies.buses.named(input.EventBusName);
    const all = bus
      .rules()
      .filter(({ targets }) => [...targets.values()].some(({ settings }) => settings.Arn === input.TargetArn));
    const { items, nextToken } = listed(all, input);
    return { RuleNames: items.map(({ name }) => name), NextToken: nextToken };
  }

  public putTargets({ Rule: Name, EventBusName, Targets = [] }: PutTargetsRequest): PutTargetsResponse {
    checkTargets(Targets);
    const { rule } = this.find({ Name, EventBusName });
    const ids = new Set([...rule.targets.keys(), ...Targets.map(({ Id }) => Id)]);
    if (ids.size > LIMITS.targetsPerRule) throw limitExceeded();
    for (const target of Targets) {
      // A bus target keeps the role that it has if a later request has none.
      const role = target.RoleArn ?? keptRole(rule.targets.get(target.Id), target.Arn);
      rule.targets.set(target.Id, new RuleTarget({ ...target, ...(role !== undefined && { RoleArn: role }) }));
    }
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  public removeTargets({ Rule: Name, EventBusName, Ids = [] }: RemoveTargetsRequest): RemoveTargetsResponse {
    const { rule } = this.find({ Name, EventBusName });
    for (const id of Ids) rule.targets.delete(id);
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  public listTargets(input: ListTargetsByRuleRequest): ListTargetsByRuleResponse {
    const { rule } = this.find({ Name: input.Rule, EventBusName: input.EventBusName });
    const all = [...rule.targets.values()].map(({ settings }) => settings);
    const { items, nextToken } = listed(all, input);
    return { Targets: items, NextToken: nextToken };
  }

  /** @throws AwsError ResourceNotFoundException */
  public find({ Name = '', EventBusName }: RuleReference): { rule: Rule; bus: EventBus } {
    const bus = this.dependencies.buses.named(EventBusName);
    const rule = bus.rule(Name);
    if (rule === undefined) throw ruleNotFound(Name, bus.name);
    return { rule, bus };
  }

  /** Cancels all schedules. */
  public stop(): void {
    for (const bus of this.dependencies.buses.all()) for (const rule of bus.rules()) rule.timer?.cancel();
  }

  /** Begins a rule's schedule anew, if it has one and is enabled. */
  private restart(rule: Rule): void {
    rule.timer?.cancel();
    rule.timer = undefined;
    if (rule.isEnabled) this.scheduleNext(rule, this.dependencies.clock.now());
  }

  private scheduleNext(rule: Rule, after: number): void {
    const { clock, fire } = this.dependencies;
    const at = rule.settings.schedule?.next(after);
    if (at === undefined) return;
    const run = () => {
      this.scheduleNext(rule, at);
      fire(rule);
    };
    rule.timer = clock.schedule(at, run, 'a scheduled rule fires');
  }
}

function keptRole(known: RuleTarget | undefined, arn: string): string | undefined {
  return known?.settings.Arn === arn && arn.includes(':event-bus/') ? known.settings.RoleArn : undefined;
}

function shown({ name, arn, busName, settings }: Rule): RuleEntry {
  const { patternText, scheduleExpression, state, description, roleArn } = settings;
  return {
    Name: name,
    Arn: arn,
    EventPattern: patternText,
    ScheduleExpression: scheduleExpression,
    State: state,
    Description: description,
    RoleArn: roleArn,
    EventBusName: busName,
  };
}
