import type { Emulator, LogLine, VirtualClock } from '../emulator';
import type { TimeDriver } from './time-driver';
import type { Recorder } from './recording/recorder';
import type { ResourceKind, ResourceReference } from './resource-reference';
import type { Resources } from './resources';

/** What the parts of one local cloud share. */
export interface CloudContext {
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  readonly passage: TimeDriver;
  readonly recorder: Recorder;
  readonly resources: Resources;
  /** The last lines that handlers and workers wrote, the oldest of them first. */
  readonly logs: readonly LogLine[];
  /** How many sends are still spread over the time to come, by queue as `place/name`. */
  readonly sending: Map<string, number>;
  /** The account and the region that the app's first stack is in. */
  readonly home: () => { readonly account: string; readonly region: string };
  /** The resource that a reference names; throws where there is none. */
  readonly identify: (kind: ResourceKind, reference: ResourceReference) => ResourceIdentity;
  /** The picture of the timeline, for errors. */
  readonly picture: () => string;
}

/** Where a resource is, and what it is called there and by the user. */
export interface ResourceIdentity {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly label: string;
}
