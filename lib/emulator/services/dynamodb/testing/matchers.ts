import { checkCount, count, subjectOf, verdict, type Verdict } from '../../../testing';
import { LocalTable, type PlainItem } from './local-table';

/** Matchers for tables. */
export const matchers = {
  /** Of a table: it has an item with all of these attributes. */
  toHaveItem(received: unknown, pattern: PlainItem): Verdict {
    const table = subjectOf(LocalTable, received, 'toHaveItem', 'cloud.table(…)');
    const found = table.matching(pattern);
    return verdict(
      table,
      found.length > 0,
      () => `${table.label} has ${count(table.size, 'item')}, but none with ${JSON.stringify(pattern)}`,
      () =>
        `${table.label} has an item with ${JSON.stringify(pattern)}, and was expected not to: ${JSON.stringify(found[0])}`,
    );
  },

  /** Of a table: it has this many items. */
  toHaveItemCount(received: unknown, expected: number): Verdict {
    const table = subjectOf(LocalTable, received, 'toHaveItemCount', 'cloud.table(…)');
    checkCount('toHaveItemCount', 'expected', expected, 0);
    return verdict(
      table,
      table.size === expected,
      () => `${table.label} has ${count(table.size, 'item')}, expected ${expected}`,
      () => `${table.label} has ${count(table.size, 'item')}, and was expected not to`,
    );
  },

  /** Of a table: the item with this key has been written, by a put or an update; `times` often if given. */
  toHaveWritten(received: unknown, key: string, times?: number): Verdict {
    const table = subjectOf(LocalTable, received, 'toHaveWritten', 'cloud.table(…)');
    if (times !== undefined) checkCount('toHaveWritten', 'times', times, 0);
    const writes = table.writes.filter((each) => each.key === key && (each.kind === 'put' || each.kind === 'updated'));
    const wanted = times === undefined ? '' : `, expected ${count(times, 'time')}`;
    return verdict(
      table,
      times === undefined ? writes.length > 0 : writes.length === times,
      () => `${table.label} has written ${key} ${count(writes.length, 'time')}${wanted}`,
      () => `${table.label} has written ${key} ${count(writes.length, 'time')}, and was expected not to`,
    );
  },
};
