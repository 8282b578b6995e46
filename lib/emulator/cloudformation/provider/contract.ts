import type { Random } from '../../clock';
import type { DeploymentContext } from './deployment-context';
import type { Json, JsonObject } from './json';
import type { NameRules } from './physical-names';
import type { PropertyReport } from './report';
import type { PropertyTable, Values } from './shapes';

/** A resource that is to be created, its expressions evaluated. */
export interface NewResource<P = JsonObject> {
  readonly logicalId: string;
  readonly type: string;
  readonly stackName: string;
  readonly properties: P;
  /** The tags that CloudFormation adds to most resources that have tags: `aws:cloudformation:stack-name` and others. */
  readonly systemTags: Readonly<Record<string, string>>;
  /** Its own source of randomness, so that one resource's names do not hang on which others there are. */
  readonly random: Random;
  /** A name in CloudFormation's manner, for a resource to which the template gives none: the same at each call. */
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

/** What creating a resource gives to those that refer to it. */
export interface CreatedResource {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes: Readonly<Record<string, Json>>;
  /** Begins what goes on by itself, when all resources are there; where that is refused, all is rolled back. */
  readonly afterwards?: () => void;
  /** What is to be said of its properties that is not the same for every resource of the type. */
  readonly review?: readonly PropertyReport[];
}

/** A resource that is there, as its template last described it. */
export interface ExistingResource<P = JsonObject> extends CreatedResource {
  readonly logicalId: string;
  readonly properties: P;
}

/** A resource that is there, and is to get other properties. */
export interface ChangedResource<P = JsonObject> extends NewResource<P>, CreatedResource {
  /** The properties that it has. */
  readonly previous: P;
  /** The `UpdatePolicy` of its new template, as written. */
  readonly updatePolicy: JsonObject;
}

/** A resource cannot be had here, for this reason: it is reported as unsupported, and gets a placeholder. */
export class UnsupportedResource extends Error {}

/** How the name of a resource is unique. */
export interface UniqueName<P, C> {
  /** What shares the names. @default - the resource's type */
  readonly among?: string;
  /** @default 'region' */
  readonly within?: 'account' | 'region';
  /** The name that `create` is going to use. */
  name(resource: NewResource<P>, context: C): string;
  /** Whether the account has it already, whoever made it. */
  exists?(resource: NewResource<P>, context: C): boolean;
}

/** What a provider of a service's resource types works with. */
export interface ResourceContext<S> extends DeploymentContext {
  /** The service that has the resource, in the stack's account and Region. */
  readonly service: S;
  /** The same service in another Region of the account. */
  inRegion(region: string): S;
}

/** What a provider is and does, whether or not it reads its properties by their table. */
interface ProviderOf<P, C> {
  readonly type: string;
  /** What to know of the type as a whole. */
  readonly note?: string;
  /** The parts of the attribute `UpdatePolicy` that it acts on; default: none. */
  readonly updatePolicy?: PropertyTable;
  /**
   * Why such a resource is out of the emulator's reach, if it is. Asked before anything is created, when a value may
   * still be an expression, and again when it is none.
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
   * Gives a resource its new properties, in place: one that is no longer given gets the API's default. Gives what
   * refers to it from now on, with the same `ref`. A provider that has none makes a new resource of any change; one
   * that has makes it of those that its table calls {@link replacing} or {@link naming}. A name that `name()` gives
   * is the same as when the resource was created.
   */
  readonly update?: (resource: ChangedResource<P>, context: C) => CreatedResource | Promise<CreatedResource>;
  /** Whether a change that its table would make in place needs a new resource nevertheless. */
  needsReplacement?(changed: ReadonlySet<string>, updatePolicy: JsonObject): boolean;
  /** Deletes a resource; one that is gone already is none. A provider that has none has nothing to delete. */
  readonly delete?: (resource: ExistingResource<P>, context: C) => void | Promise<void>;
}

/** Creates, changes and deletes the resources of one type. */
export interface Provider<C = DeploymentContext> extends ProviderOf<JsonObject, C> {
  /** Whether anything comes of such a resource beyond its name. */
  readonly status: 'emulated' | 'inert';
  /** The properties that it knows; undefined where it takes any, as it acts on none. */
  readonly properties: PropertyTable | undefined;
}

/** A provider whose properties are read by their table before it gets them. */
export interface TypedProvider<T extends PropertyTable, C> extends ProviderOf<Values<T>, C> {
  /** @default 'emulated' */
  readonly status?: 'emulated' | 'inert';
  readonly properties: T;
}
