import { limitExceeded } from '../errors';
import type { LogGroup } from '../groups/log-group';
import { LIMITS } from '../limits';
import type { FilterPattern } from '../patterns/filter-pattern';

/** Throws if a group would have too many filters with regular expressions. */
export function checkRegexes(
  group: LogGroup,
  pattern: FilterPattern,
  name: string,
  kind: 'metric' | 'subscription',
): void {
  if (pattern.regexes === 0) return;
  const metric = [...group.metricFilters.values()].filter((filter) => kind !== 'metric' || filter.name !== name);
  const subscriptions = [...group.subscriptionFilters.values()].filter(
    ({ settings }) => kind !== 'subscription' || settings.name !== name,
  );
  const patterns = [
    ...metric.map((filter) => filter.pattern),
    ...subscriptions.map(({ settings }) => settings.pattern),
  ];
  if (patterns.filter(({ regexes }) => regexes > 0).length >= LIMITS.regexPatternsPerGroup) throw limitExceeded();
}
