import type { Emulator, LogLine, VirtualClock } from '../emulator';
import type { KindName } from '../emulator/services/testing';
import type { ResourceIdentity, ResourceReference } from '../emulator/testing';
import type { TimeDriver } from './time-driver';
import type { Recorder } from './recording/recorder';
import type { Resources } from './resources';

/** State shared by the parts of a local cloud. */
export interface CloudContext {
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  readonly passage: TimeDriver;
  readonly recorder: Recorder;
  readonly resources: Resources;
  /** The last lines that handlers and workers logged, oldest first. */
  readonly logs: readonly LogLine[];
  /** The account and Region of the app's first stack. */
  readonly home: () => { readonly account: string; readonly region: string };
  /** Returns the resource that a reference names; throws if there is none. */
  readonly identify: (kind: KindName, reference: ResourceReference) => ResourceIdentity;
  /** Draws the timeline, for errors. */
  readonly picture: () => string;
}
