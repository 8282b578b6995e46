import { type Dispatch, MatchableLog, type RecordStart, resourceKind, type ServiceTesting } from '../../../testing';
import type { Events } from '../events';
import { LocalBus, RecordedEvent } from './local-bus';
import { LocalRule } from './local-rule';
import { takeRuleEvent } from './rule-events';
import { busAndRule, ruleNameIn, ruleRef } from './rule-name';

const kinds = {
  /**
   * Returns an EventBridge event bus; `default` is the account's own.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  bus: resourceKind({
    name: 'event bus',
    types: ['AWS::Events::EventBus'],
    held: ['eventBus', 'bus'],
    importedBy: 'eventBusArn',
    exists: (service: Events, name) => service.eventBuses().some((bus) => bus.name === name),
    handle: LocalBus,
    record: (start: RecordStart) => new MatchableLog<RecordedEvent>(start),
  }),
  /**
   * Returns an EventBridge rule.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  rule: resourceKind({
    name: 'rule',
    types: ['AWS::Events::Rule'],
    held: ['rule'],
    importedBy: 'ruleArn',
    nameIn: ruleNameIn,
    exists(service: Events, name) {
      const { bus, rule } = busAndRule(name);
      return service.eventBuses().some((each) => each.name === bus && each.rule(rule) !== undefined);
    },
    handle: LocalRule,
    record: (start: RecordStart) => new MatchableLog<Dispatch>(start),
    fires: true,
  }),
};

/** What tests get of EventBridge. */
export const testing: ServiceTesting<typeof kinds> = {
  kinds,
  matchers: {},
  take(event, recording) {
    const { at, kind, subject, place, detail, body = '' } = event;
    if (kind === 'events.put') {
      const id = String(detail.id);
      recording.of(kinds.bus, place, subject).add(id, new RecordedEvent(id, body, at, Number(detail.rules)));
    } else if (detail.bus !== undefined) {
      const rule = recording.of(kinds.rule, place, ruleRef(String(detail.bus), subject));
      takeRuleEvent(event, rule, recording);
    }
    return undefined;
  },
};
