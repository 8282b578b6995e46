import type { BusEvent } from '../bus-event';
import type { RequiredTexts } from '../patterns/event-pattern';
import { someScalar } from '../patterns/field-tree';
import type { Rule } from './rule';

/** A path of an index, and the rules that require one of several texts there. */
interface IndexedPath {
  readonly names: readonly string[];
  readonly byText: Map<string, Rule[]>;
}

/**
 * Finds the rules that match an event without asking each of them: most patterns require certain texts, such as a
 * source or a detail type. Each rule is filed under the path where the fewest other rules want the same texts.
 */
export class RuleIndex {
  private readonly paths = new Map<string, IndexedPath>();
  private readonly unfiled: Rule[] = [];
  private readonly order = new Map<Rule, number>();

  /** @param rules in the order in which they are to be returned */
  constructor(rules: Iterable<Rule>) {
    const filed: { rule: Rule; required: RequiredTexts }[] = [];
    for (const rule of rules) {
      const { pattern } = rule.settings;
      if (pattern === undefined || !rule.isEnabled) continue;
      this.order.set(rule, this.order.size);
      for (const required of pattern.requiredTexts) filed.push({ rule, required });
    }
    const demand = demandFor(filed.map(({ required }) => required));
    for (const { rule, required } of filed) this.file(rule, required, demand);
  }

  /** The enabled rules whose pattern matches, in order. */
  public matching(event: BusEvent): Rule[] {
    const found: Rule[] = [];
    for (const rule of this.candidates(event)) if (rule.settings.pattern?.matches(event.seen)) found.push(rule);
    return found;
  }

  private candidates(event: BusEvent): Iterable<Rule> {
    const { order } = this;
    const candidates = new Set(this.unfiled);
    for (const { names, byText } of this.paths.values()) {
      eachText(event.seen, names, 0, (text) => {
        for (const rule of byText.get(text) ?? []) candidates.add(rule);
      });
    }
    if (candidates.size < 2) return candidates;
    return [...candidates].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  }

  private file(rule: Rule, required: RequiredTexts, demand: ReadonlyMap<string, ReadonlyMap<string, number>>): void {
    let best: { path: string; texts: readonly string[]; others: number } | undefined;
    for (const [path, texts] of required) {
      const others = texts.reduce((sum, text) => sum + (demand.get(path)?.get(text) ?? 0), 0);
      if (best === undefined || others < best.others) best = { path, texts, others };
    }
    if (best === undefined) {
      if (!this.unfiled.includes(rule)) this.unfiled.push(rule);
      return;
    }
    let indexed = this.paths.get(best.path);
    if (indexed === undefined) {
      this.paths.set(best.path, (indexed = { names: best.path.split('.'), byText: new Map() }));
    }
    for (const text of best.texts) {
      const rules = indexed.byText.get(text);
      if (rules === undefined) indexed.byText.set(text, [rule]);
      else rules.push(rule);
    }
  }
}

/** How many lists of requirements want each text at each path. */
function demandFor(all: readonly RequiredTexts[]): Map<string, Map<string, number>> {
  const demand = new Map<string, Map<string, number>>();
  for (const required of all) {
    for (const [path, texts] of required) {
      let atPath = demand.get(path);
      if (atPath === undefined) demand.set(path, (atPath = new Map<string, number>()));
      for (const text of texts) atPath.set(text, (atPath.get(text) ?? 0) + 1);
    }
  }
  return demand;
}

/** Visits each text at a path, through all elements of arrays on the way. */
function eachText(value: unknown, names: readonly string[], depth: number, visit: (text: string) => void): void {
  if (depth === names.length) {
    someScalar(value, (scalar) => {
      if (typeof scalar === 'string') visit(scalar);
      return false;
    });
    return;
  }
  if (Array.isArray(value)) {
    for (const element of value) eachText(element, names, depth, visit);
  } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, names[depth])) {
    eachText((value as Record<string, unknown>)[names[depth]], names, depth + 1, visit);
  }
}
