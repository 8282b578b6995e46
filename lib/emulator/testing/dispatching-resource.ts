import type { Dispatch } from './dispatch';
import { LocalResource } from './local-resource';
import type { MatchableLog } from './matchable-log';
import { elapsed } from './matcher';
import { describePattern, type MessagePattern } from './message-pattern';
import type { WaitOptions } from './wait-options';

/** A resource that sends messages or events to other resources, such as a topic or a rule. */
export abstract class DispatchingResource<S = unknown> extends LocalResource<S, MatchableLog<Dispatch>> {
  /** What it sends, in the singular: `message`. */
  public abstract readonly noun: string;

  /** What it sent, oldest first: the latest 100,000; with `recording: 'summary'`, the latest 100. */
  public get dispatches(): readonly Dispatch[] {
    return this.record.all;
  }

  /**
   * How many dispatches are not kept any more.
   * @internal
   */
  public get forgotten(): number {
    return this.record.forgotten;
  }

  /**
   * What it sent and matches, oldest first.
   * @throws TypeError if no JSON could match the pattern, or its function does not return true or false
   */
  public find(matching: MessagePattern<Dispatch>): Dispatch[] {
    return this.record.find(matching);
  }

  /**
   * Lets time pass until it sends what matches; returns at once if it already has.
   * @throws NotReachedError
   */
  public waitFor(matching: MessagePattern<Dispatch>, options: WaitOptions = {}): Promise<Dispatch> {
    return this.record.waitFor(this, matching, 'is sent by', options);
  }
}

const MOST_SHOWN = 5;
const MOST_TEXT = 100;

/** Describes dispatches in errors, the latest of them: when, what, and what became of it at each target. */
export function describeDispatches(resource: LocalResource, dispatches: readonly Dispatch[]): string {
  const lines = dispatches.slice(-MOST_SHOWN).flatMap(({ at, text, targets }) => {
    const shown = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text;
    const ends = targets.map(
      ({ target, outcome, error }) => `    ${target}: ${outcome}${error === undefined ? '' : `: ${error}`}`,
    );
    return [`  ${elapsed(resource, at)}  ${shown}`, ...(ends.length === 0 ? ['    no target'] : ends)];
  });
  const more = dispatches.length - MOST_SHOWN;
  return [...(more > 0 ? [`  … ${more} earlier`] : []), ...lines].join('\n');
}

/** Describes what an optional pattern is about in errors: `a message that matches {"order":7}`. */
export function describeMatching<M>(noun: string, matching: MessagePattern<M> | undefined): string {
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a';
  return `${article} ${noun}${matching === undefined ? '' : ` that matches ${describePattern(matching)}`}`;
}
