import type { Random } from '../../clock';
import type { DeploymentContext } from './deployment-context';
import type { Json, JsonObject } from './json';
import type { NameRules } from './physical-names';
import type { PropertyReport, Status } from './report';
import type { PropertyTable, Values } from './shapes';

/** A resource to create, with its expressions evaluated. */
export interface NewResource<P = JsonObject> {
  readonly logicalId: string;
  /** Its construct path, such as `Videos/Encoder/Resource`; undefined if the app is not one of the CDK. */
  readonly path?: string;
  readonly type: string;
  readonly stackName: string;
  readonly properties: P;
  /** The tags that CloudFormation adds to most resources that have tags: `aws:cloudformation:stack-name` and others. */
  readonly systemTags: Readonly<Record<string, string>>;
  /** Its own source of randomness, so that a resource's names do not depend on other resources. */
  readonly random: Random;
  /** A name of CloudFormation's form, for a resource that the template does not name. The same at each call. */
  readonly name: (rules: NameRules) => string;
  /** The resource of the same stack, created before this one, to which `Ref` gives this value. */
  sibling(physicalId: string): CreatedResource | undefined;
  /**
   * Deploys a template as the stack that this resource is, nested in its own: creates it, or updates what there is.
   *
   * @param file names the template in error messages
   */
  deployNested(file: string, template: Json, parameters: Readonly<Record<string, string>>): Promise<NestedStack>;
}

export interface NestedStack {
  readonly stackId: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The result of creating a resource, for those that refer to it. */
export interface CreatedResource {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes: Readonly<Record<string, Json>>;
  /** Starts pollers and timers, after all resources have been created. If it throws, the deployment rolls back. */
  readonly afterwards?: () => void;
  /** Notes on properties that differ between resources of the type. */
  readonly review?: readonly PropertyReport[];
}

/** An existing resource, as its template last described it. */
export interface ExistingResource<P = JsonObject> extends CreatedResource {
  readonly logicalId: string;
  readonly properties: P;
}

/** An existing resource that gets new properties. */
export interface ChangedResource<P = JsonObject> extends NewResource<P>, CreatedResource {
  /** Its current properties. */
  readonly previous: P;
  /** The `UpdatePolicy` of its new template, as written. */
  readonly updatePolicy: JsonObject;
}

/**
 * A resource that the emulator cannot create, with the reason: it is reported as unsupported and gets a placeholder.
 */
export class UnsupportedResource extends Error {}

/** The scope in which a resource's name is unique. */
export interface UniqueName<P, C> {
  /** What shares the names. @default - the resource's type */
  readonly among?: string;
  /** @default 'region' */
  readonly within?: 'account' | 'region';
  /** The name that `create` will use. */
  name(resource: NewResource<P>, context: C): string;
  /** Whether the account already has such a resource, made by a stack or not. */
  exists?(resource: NewResource<P>, context: C): boolean;
}

/** The context of a provider of a service's resource types. */
export interface ResourceContext<S> extends DeploymentContext {
  /** The service that has the resource, in the stack's account and Region. */
  readonly service: S;
  /** The same service in another Region of the account. */
  inRegion(region: string): S;
}

/** The part of a provider that does not depend on its table of properties. */
interface ProviderOf<P, C> {
  readonly type: string;
  /** What to know of the type as a whole. */
  readonly note?: string;
  /**
   * The attribute that holds a resource's name: that of its events, faults and labels.
   * @default - `Ref` gives the name
   */
  readonly nameAttribute?: string;
  /** The parts of the attribute `UpdatePolicy` that it acts on. @default - none */
  readonly updatePolicy?: PropertyTable;
  /**
   * The reason why the emulator cannot create such a resource, if there is one. Called before anything is created, when
   * values may still be expressions, and again with evaluated values.
   */
  refusal?(properties: JsonObject): string | undefined;
  /**
   * The name that only one such resource may have. A second create of it fails with `AlreadyExists`. Omit if the service
   * draws the name, or refuses a second one itself.
   */
  readonly unique?: UniqueName<P, C>;
  /** @throws {UnsupportedResource} where a resource like this is out of the emulator's reach */
  create(resource: NewResource<P>, context: C): CreatedResource | Promise<CreatedResource>;
  /**
   * Updates a resource in place; a property that is no longer given gets the API's default. Returns the attributes from
   * now on, with the same `ref`. Without this method every change replaces the resource; with it, only changes of
   * properties that the table calls {@link replacing} or {@link naming}. `name()` returns the same name as when the
   * resource was created.
   */
  readonly update?: (resource: ChangedResource<P>, context: C) => CreatedResource | Promise<CreatedResource>;
  /** Whether a change that the table allows in place needs a replacement nevertheless. */
  needsReplacement?(changed: ReadonlySet<string>, updatePolicy: JsonObject): boolean;
  /** Deletes the resource; succeeds if it is already gone. Omit if there is nothing to delete. */
  readonly delete?: (resource: ExistingResource<P>, context: C) => void | Promise<void>;
}

/** Creates, changes and deletes the resources of one type. */
export interface Provider<C = DeploymentContext> extends ProviderOf<JsonObject, C> {
  /** Whether the emulator acts on such a resource. */
  readonly status: Status;
  /**
   * Whether its resources are placeholders: no service knows them, so that a service's refusal of what refers to one is
   * no error of the stack.
   * @default false
   */
  readonly placeholder?: boolean;
  /** The properties that it knows; undefined if it accepts any and acts on none. */
  readonly properties: PropertyTable | undefined;
}

/** A provider whose properties are read by a table before it gets them. */
export interface TypedProvider<T extends PropertyTable, C> extends ProviderOf<Values<T>, C> {
  /** @default 'emulated' */
  readonly status?: 'emulated' | 'inert';
  readonly properties: T;
}
