import type { VirtualClock } from '../clock';
import type { Port, RequestContext } from '../core';
import type { ResourceReference } from './resource-reference';
import type { WaitOptions } from './wait-options';

/** A resource's place, its physical name and its label. */
export interface ResourceIdentity {
  readonly account: string;
  readonly region: string;
  /** As the service knows it: a queue's name, not its URL. */
  readonly name: string;
  /** Its construct's path in its stack, or else its name. */
  readonly label: string;
}

/** The local cloud, as a resource's handle sees it. */
export interface HandleContext<S = unknown, R = unknown> {
  /** The service in the resource's account and Region. Calls to it bypass faults. */
  readonly service: S;
  /** What was recorded of the resource; undefined if its kind records nothing. */
  readonly record: R;
  /** The caller of the test's own requests: the account's root user. */
  readonly caller: RequestContext;
  readonly clock: VirtualClock;
  /** When the cloud started, in emulated milliseconds since the epoch. */
  readonly startedAt: number;
  /** The URL for SDK clients. */
  readonly endpointUrl: string;
  /** What fills a port of the service. */
  use<T>(port: Port<T>): T;
  /**
   * Finds another resource, of any service.
   * @param kind the method of `LocalCloud` that returns such resources: `queue`
   * @throws Error if none or several match
   */
  identify(kind: string, reference: ResourceReference): ResourceIdentity;
  /** Lets emulated time pass; 0 only finishes what is due. */
  advance(milliseconds: number): Promise<void>;
  /** Lets emulated time pass until `done` is true. Resolves to false if `atMost` milliseconds have passed. */
  until(done: () => boolean, atMost: number): Promise<boolean>;
  /**
   * Lets emulated time pass until `done` is true.
   * @param what what the wait is for, in the error
   * @throws NotReachedError
   */
  waitUntil(done: () => boolean, what: string, options?: WaitOptions): Promise<void>;
  /** Draws the timeline, for errors. */
  picture(): string;
}
