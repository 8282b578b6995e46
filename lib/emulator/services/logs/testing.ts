import { count, LocalResource, resourceKind, type ServiceTesting, subjectOf, verdict } from '../../testing';
import type { Verdict, WaitOptions } from '../../testing';
import type { Logs } from './logs';

/** An event of a log group. */
export interface LocalLogEvent {
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
  /** The name of its log stream. */
  readonly stream: string;
  readonly message: string;
}

/** A log group of CloudWatch Logs in a local cloud. */
export class LocalLogGroup extends LocalResource<Logs, undefined> {
  /** The names of its log streams, sorted. */
  public get streams(): readonly string[] {
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = this.service.describeLogStreams({ logGroupName: this.name, nextToken }, this.context.caller);
      names.push(...(page.logStreams ?? []).map(({ logStreamName = '' }) => logStreamName));
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    return names;
  }

  /** Its log events, by time. Takes time in their number. */
  public get events(): readonly LocalLogEvent[] {
    return this.matching('');
  }

  /**
   * The log events that match a filter pattern of CloudWatch Logs, by time.
   * @param filterPattern `ERROR`, `{ $.level = "error" }` …
   * @throws AwsError InvalidParameterException if the pattern is invalid
   */
  public matching(filterPattern: string): readonly LocalLogEvent[] {
    const events: LocalLogEvent[] = [];
    let nextToken: string | undefined;
    do {
      const input = { logGroupName: this.name, filterPattern, nextToken };
      const page = this.service.filterLogEvents(input, this.context.caller);
      for (const { timestamp: at = 0, logStreamName: stream = '', message = '' } of page.events ?? []) {
        events.push({ at, stream, message });
      }
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    return events;
  }

  /** Writes lines to a log stream, which is created if it is missing. */
  public write(stream: string, ...lines: readonly string[]): void {
    for (const line of lines) this.service.write(this.name, stream, this.context.clock.now(), line);
  }

  /**
   * Lets time pass until a log event matches a filter pattern, and returns the first that does.
   * @throws NotReachedError
   */
  public async waitFor(filterPattern: string, options: WaitOptions = {}): Promise<LocalLogEvent> {
    const what = `${this.label} has a log event that matches ${filterPattern}`;
    await this.context.waitUntil(() => this.matching(filterPattern).length > 0, what, options);
    return this.matching(filterPattern)[0];
  }
}

const MOST_SHOWN = 5;

const matchers = {
  /** Of a log group: a log event matches this filter pattern of CloudWatch Logs. */
  toHaveLogged(received: unknown, filterPattern: string): Verdict {
    const group = subjectOf(LocalLogGroup, received, 'toHaveLogged', 'cloud.logGroup(…)');
    const found = group.matching(filterPattern);
    const { events } = group;
    return verdict(
      group,
      found.length > 0,
      () =>
        `${group.label} has ${count(events.length, 'log event')}, but none matches ${filterPattern}${shown(events.slice(-MOST_SHOWN))}`,
      () =>
        `${group.label} was expected not to have logged what matches ${filterPattern}, but has${shown(found.slice(0, MOST_SHOWN))}`,
    );
  },
};

function shown(events: readonly LocalLogEvent[]): string {
  return events.length === 0 ? '' : `:\n${events.map(({ message }) => `  ${message.trimEnd()}`).join('\n')}`;
}

const kinds = {
  /**
   * Returns a log group of CloudWatch Logs.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  logGroup: resourceKind({
    name: 'log group',
    types: ['AWS::Logs::LogGroup'],
    importedBy: 'logGroupArn',
    nameIn: (text) => /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(text)?.[1] ?? text,
    exists: (service: Logs, name) => service.hasGroup(name),
    handle: LocalLogGroup,
  }),
};

/** What tests get of CloudWatch Logs. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = { kinds, matchers };
