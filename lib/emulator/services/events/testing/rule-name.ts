import { DEFAULT_BUS } from '../rules/rule';

/** The name of a rule by its `Ref`: `rule`, or `bus|rule` unless it is on the default bus. */
export function busAndRule(ref: string): { readonly bus: string; readonly rule: string } {
  const bar = ref.indexOf('|');
  return { bus: bar < 0 ? DEFAULT_BUS : ref.slice(0, bar), rule: ref.slice(bar + 1) };
}

/** The same by its ARN, which ends in `rule/bus/rule`, or in `rule/rule` on the default bus; other texts as they are. */
export function ruleNameIn(text: string): string {
  const path = /^arn:[^:]*:events:[^:]*:[^:]*:rule\/(.+)$/.exec(text)?.[1];
  if (path === undefined) return text;
  const slash = path.lastIndexOf('/');
  return slash < 0 ? path : `${path.slice(0, slash)}|${path.slice(slash + 1)}`;
}

/** The `Ref` of a rule. */
export function ruleRef(bus: string, rule: string): string {
  return bus === DEFAULT_BUS ? rule : `${bus}|${rule}`;
}
