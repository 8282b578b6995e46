import type { LocalResource } from './local-resource';
import { checkPattern, describePattern, type Matchable, matches, type MessagePattern } from './message-pattern';
import type { RecordStart } from './recording';
import type { WaitOptions } from './wait-options';

const MOST = 100_000;
const MOST_IN_SUMMARY = 100;

/** The recorded messages or events of a resource, in bounded memory: the latest 100,000; of a summary, the latest 100. */
export class MatchableLog<T extends Matchable> {
  /** How many there were. */
  public count = 0;
  private readonly byKey = new Map<string, T>();
  private readonly watchers = new Set<(item: T) => void>();
  private readonly most: number;

  constructor({ mode }: Pick<RecordStart, 'mode'>) {
    this.most = mode === 'full' ? MOST : MOST_IN_SUMMARY;
  }

  /** Those that are kept, oldest first. */
  public get all(): T[] {
    return [...this.byKey.values()];
  }

  /** How many are not kept any more. */
  public get forgotten(): number {
    return this.count - this.byKey.size;
  }

  public get(key: string): T | undefined {
    return this.byKey.get(key);
  }

  public add(key: string, item: T): void {
    this.count++;
    this.byKey.set(key, item);
    if (this.byKey.size > this.most) {
      const [oldest] = this.byKey.keys();
      this.byKey.delete(oldest);
    }
    for (const watcher of this.watchers) watcher(item);
  }

  /**
   * Those that match, oldest first.
   * @throws TypeError if no JSON could match the pattern, or its function does not return true or false
   */
  public find(matching: MessagePattern<T>): T[] {
    checkPattern(matching);
    return this.all.filter((item) => matches(matching, item));
  }

  /**
   * Lets time pass until one that matches is recorded; returns at once if one is already.
   * @param what what happens to it, in the error: `is published`
   * @throws NotReachedError
   */
  public async waitFor(
    { context, label }: LocalResource,
    matching: MessagePattern<T>,
    what: string,
    options: WaitOptions,
  ): Promise<T> {
    const already = this.find(matching).at(0);
    if (already !== undefined) return already;
    const candidates: T[] = [];
    // Asked later, as part of the wait: a pattern may throw, and must not in the middle of a request.
    const watcher = (item: T) => void candidates.push(item);
    this.watchers.add(watcher);
    let found: T | undefined;
    const isFound = () => {
      for (const item of candidates.splice(0)) if (matches(matching, item)) found ??= item;
      return found !== undefined;
    };
    try {
      await context.waitUntil(isFound, `what matches ${describePattern(matching)} ${what} ${label}`, options);
    } finally {
      this.watchers.delete(watcher);
    }
    return found as unknown as T; // waitUntil throws unless it is found
  }
}
