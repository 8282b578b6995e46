import type { RequestContext } from '../core';
import type { HandleContext, ResourceIdentity } from './handle-context';
import type { LocalResource } from './local-resource';
import type { RecordStart } from './recording';

/** A kind of resource that tests look at. */
export interface ResourceKind<S, H extends LocalResource<S>, R> {
  /** Its name in errors: `Auto Scaling group`. */
  readonly name: string;
  /** Its CloudFormation types. */
  readonly types: readonly string[];
  /**
   * The properties by which constructs hold one, such as `queue` of a construct that makes a queue.
   * @default - none: a construct is the resource, or contains it
   */
  readonly held?: readonly string[];
  /**
   * The property by which an imported construct, such as one of `Topic.fromTopicArn`, names one: `topicArn`.
   * @default - imported constructs are not found
   */
  readonly importedBy?: string;
  /**
   * Returns the name in a text that may be an ARN or a URL.
   * @default - what follows the last `/` or `:`
   */
  readonly nameIn?: (text: string) => string;
  /** Whether the service has one of this name. Finds those that no template created. */
  exists(service: S, name: string, caller: RequestContext): boolean;
  /** What tests get. */
  readonly handle: new (context: HandleContext<S, R>, identity: ResourceIdentity) => H;
  /**
   * Starts a record of one, which {@link ServiceTesting.take} fills.
   * @default - nothing is recorded
   */
  readonly record?: (start: RecordStart) => R;
  /**
   * Its peak since the cloud started, for `toHavePeakedAtMost`: what is counted (`messages`), and its greatest number.
   * @default - it has none
   */
  readonly peak?: { readonly of: string; from(handle: H): number };
  /**
   * Whether it fires, for `toHaveFired`, as rules do. Its handle is a DispatchingResource.
   * @default false
   */
  readonly fires?: boolean;
}

/** Any kind, where it does not matter which. */
export type AnyResourceKind = ResourceKind<
  // oxlint-disable-next-line typescript/no-explicit-any -- a kind takes its own service, which only it knows
  any,
  // oxlint-disable-next-line typescript/no-explicit-any -- and its own handle
  any,
  // oxlint-disable-next-line typescript/no-explicit-any -- and its own record
  any
>;

/** Defines a kind of resource. */
export function resourceKind<S, H extends LocalResource<S>, R>(kind: ResourceKind<S, H, R>): ResourceKind<S, H, R> {
  return kind;
}
