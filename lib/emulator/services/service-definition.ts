import type { Provider, ResourceContext } from '../cloudformation/provider/contract';
import type { Clock, Random } from '../clock';
import type { AwsError, Deliver, Delivery, MetricDatum, OptionCheck, Port, RequestContext } from '../core';
import type { ProtocolBinding } from '../protocol';
import type { AnyServiceTesting, NoTesting } from '../testing';
import type { Timeline } from '../timeline';

// Here and not in core/: a definition names its protocol and its resource types, whose contracts are floors above core.

/** What a service does beside its API. All of it is optional. */
export interface ServiceInstance {
  /** Ends what goes on by itself: pollers and timers. */
  stop?(): void | Promise<void>;
  /** Answers requests that wait, as when what they wait for is deleted. Called after {@link stop}, before a reset. */
  endWaiting?(): void;
  /** The metrics of the minute that began at `periodStart`, for CloudWatch. Called at that minute's end. */
  collectMetrics?(periodStart: number): MetricDatum[];
  /** Lets emulated time skip minutes that are alike. A service without it never changes by itself. */
  readonly idle?: IdleParticipant;
}

/** A service's part in skipping idle time: one minute is watched, and then repeated without being lived through. */
export interface IdleParticipant {
  /** A minute begins that may be repeated. */
  probe(): void;
  /**
   * Until when each minute would be like the one since {@link probe}, in emulated milliseconds since the epoch:
   * `Infinity` where nothing changes it, `-Infinity` where it must not be repeated.
   */
  steadyUntil(): number;
  /** The minute since {@link probe} passes this many times more. */
  skip(minutes: number): void;
}

/** What each service is made of. */
export interface ServiceDependencies<S, Options> {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** What the user has set of this service. */
  readonly options: Options;
  /** The same service of another account or Region, if that has begun. */
  readonly elsewhere: (account: string, region: string) => S | undefined;
  /** The same service in any other Region of this account that has begun. */
  readonly inAnotherRegion: () => S | undefined;
  /** The same service in all accounts and Regions that have begun, this one included. */
  readonly everywhere: () => readonly S[];
  /** What fills a port. Asked for when it is first used, as services need one another. */
  readonly use: <T>(port: Port<T>) => T;
  readonly deliver: Deliver;
}

/** What AWS answers where the service is asked too often, and where it fails inside. */
export interface ServiceErrors {
  throttled(): AwsError;
  readonly internal: { readonly shape: string; readonly queryCode?: string };
}

/** All that there is to know of a service. {@link SERVICES} lists them, and everything else is derived from the list. */
export interface ServiceDefinition<
  Name extends string,
  S extends object,
  Options,
  Status = Record<never, never>,
  Testing extends AnyServiceTesting = NoTesting,
> {
  /** As the SDK and the CLI call it: `sqs`, `cloudwatch`. */
  readonly name: Name;
  /**
   * How it is spoken to.
   * @default - it has no API: only templates reach it
   */
  readonly protocol?: ProtocolBinding;
  /**
   * How each of its options is checked.
   * @default - it has none
   */
  readonly options?: Readonly<Record<keyof Options, OptionCheck>>;
  /** @default - it has no API, so it refuses nothing */
  readonly errors?: ServiceErrors;
  /** Its CloudFormation resource types. */
  readonly resourceTypes?: readonly Provider<ResourceContext<S>>[];
  /** The names of the resources that an action's input is about. */
  readonly resourcesOf?: (input: Readonly<Record<string, unknown>>) => readonly string[];
  /**
   * Takes a delivery for one of its resources. Throws AWS's error if it is refused. May return a promise, whose outcome
   * is then the delivery's.
   * @default - nothing can be delivered to it
   */
  readonly deliver?: (service: S, targetArn: string, delivery: Delivery, caller: RequestContext) => unknown;
  /**
   * What `Emulator.status()` says of it: the sections that it adds, and how to fill them.
   * @default - nothing
   */
  readonly status?: { readonly sections: readonly string[]; of(service: S): Status };
  /**
   * What tests get of it: the handles of its resources, and matchers.
   * @default - nothing
   */
  readonly testing?: Testing;
  create(dependencies: ServiceDependencies<S, Options>): S;
}

/** Any service's definition, where it does not matter which. */
export type AnyServiceDefinition = ServiceDefinition<
  string,
  // oxlint-disable-next-line typescript/no-explicit-any -- a definition takes its own service, which only it knows
  any,
  // oxlint-disable-next-line typescript/no-explicit-any -- and its own options
  any,
  Readonly<Record<string, readonly { readonly name: string }[]>>,
  AnyServiceTesting
>;

export function defineService<
  Name extends string,
  S extends object,
  Options = object,
  Status = Record<never, never>,
  Testing extends AnyServiceTesting = NoTesting,
>(
  definition: ServiceDefinition<Name, S, Options, Status, Testing>,
): ServiceDefinition<Name, S, Options, Status, Testing> {
  return definition;
}
