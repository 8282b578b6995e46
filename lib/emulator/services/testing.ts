import type { AnyResourceKind, AnyServiceTesting, Matcher, RecordOf, ResourceReference, Verdict } from '../testing';
import { DEFINITIONS, type SERVICES, type ServiceName } from './index';

type Definition = (typeof SERVICES)[number];
type TestingOf<D> = D extends { readonly testing?: infer T } ? Exclude<T, undefined> : never;
type KindsOf<T> = T extends { readonly kinds: infer Kinds } ? Kinds : never;
type MatchersOf<T> = T extends { readonly matchers: infer Matchers } ? Matchers : never;
type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer All) => void ? All : never;

/** The kinds of resources of all services, each by the method of `LocalCloud` that returns it. */
export type ResourceKinds = Intersection<KindsOf<TestingOf<Definition>>>;

/** The name of a kind: `queue`. */
export type KindName = keyof ResourceKinds;

/** A kind's handle. */
export type HandleOf<K extends KindName> = ResourceKinds[K] extends {
  readonly handle: new (...args: never[]) => infer H;
}
  ? H
  : never;

/** A kind's record. */
export type KindRecord<K extends KindName> = RecordOf<ResourceKinds[K]>;

/** The methods that return a resource of a local cloud: `cloud.queue(…)`. */
export type ResourceMethods = {
  readonly [K in keyof ResourceKinds]: (reference: ResourceReference) => HandleOf<K>;
};

/** The matchers of all services. */
export type ServiceMatchers = Intersection<MatchersOf<TestingOf<Definition>>>;

/** Matchers as they read after `expect(…)`; `R` is what they return there. */
export type ExpectMethods<Matchers, R> = {
  [Name in keyof Matchers]: Matchers[Name] extends (received: unknown, ...expected: infer Expected) => Verdict
    ? (...expected: Expected) => R
    : never;
};

/** What tests get of each service that has something for them, by the service's name. */
export const SERVICES_TESTING: ReadonlyMap<string, AnyServiceTesting> = new Map(
  DEFINITIONS.flatMap(({ name, testing }) => (testing === undefined ? [] : [[name, testing] as const])),
);

/** {@link ResourceKinds}. */
export const RESOURCE_KINDS: Readonly<Record<KindName, AnyResourceKind>> = Object.assign(
  {},
  ...[...SERVICES_TESTING.values()].map(({ kinds }) => kinds),
) as Record<KindName, AnyResourceKind>;

/** The service of each kind. */
export const SERVICE_OF_KIND = Object.fromEntries(
  [...SERVICES_TESTING].flatMap(([service, { kinds }]) => Object.keys(kinds).map((kind) => [kind, service])),
) as Record<KindName, ServiceName>;

/** {@link ServiceMatchers}. */
export const MATCHERS = Object.assign(
  {},
  ...[...SERVICES_TESTING.values()].map(({ matchers }): Readonly<Record<string, Matcher>> => matchers),
) as ServiceMatchers;
