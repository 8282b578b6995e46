import type { TimelineEvent } from '../timeline';
import type { Matcher } from './matcher';
import type { DetailSource, Recording } from './recording';
import type { AnyResourceKind } from './resource-kind';

/** What tests get of a service. */
export interface ServiceTesting<
  Kinds extends Readonly<Record<string, AnyResourceKind>>,
  Matchers extends Readonly<Record<string, Matcher>> = Record<never, never>,
> {
  /** Its resources, each by the method of `LocalCloud` that returns it: `queue`. A comment there describes the method. */
  readonly kinds: Kinds;
  /** Matchers for `expect`, by name. The parameters after the first are those that a test passes. */
  readonly matchers: Matchers;
  /**
   * Records one of its events, whose kind begins with the service's name. Returns what knows the event's detail, if
   * something does.
   * @default - nothing is recorded
   */
  readonly take?: (event: TimelineEvent, recording: Recording) => DetailSource | undefined;
}

/** Any service's, where it does not matter which. */
export type AnyServiceTesting = ServiceTesting<
  Readonly<Record<string, AnyResourceKind>>,
  Readonly<Record<string, Matcher>>
>;

/** What tests get of a service that has nothing for them. */
export type NoTesting = ServiceTesting<Record<never, never>>;
