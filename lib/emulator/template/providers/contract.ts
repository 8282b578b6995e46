import type { Random } from '../../clock';
import type { Cloud } from '../cloud';
import type { Json, JsonObject } from '../json';
import type { NameRules } from '../physical-names';
import type { StackReport } from '../report';
import type { PropertyTable, Values } from '../shapes';

/** A resource that is to be created, its expressions evaluated. */
export interface NewResource<P = JsonObject> {
  readonly logicalId: string;
  readonly type: string;
  readonly stackName: string;
  readonly properties: P;
  /** Its own source of randomness, so that one resource's names do not hang on which others there are. */
  readonly random: Random;
  /** A name in CloudFormation's manner, for a resource to which the template gives none. */
  name(rules: NameRules): string;
  /** The resource of the same stack, created before this one, to which `Ref` gives this value. */
  sibling(physicalId: string): CreatedResource | undefined;
  /**
   * Deploys a template as a stack nested in this resource's.
   *
   * @param file names the template in error messages
   */
  deployNested(file: string, template: Json, parameters: Readonly<Record<string, string>>): Promise<NestedStack>;
}

export interface NestedStack {
  readonly stackId: string;
  readonly report: StackReport;
}

/** What creating a resource gives to those that refer to it. */
export interface CreatedResource {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes: Readonly<Record<string, Json>>;
}

/** A resource cannot be had here, for this reason: it is reported as unsupported, and gets a placeholder. */
export class UnsupportedResource extends Error {}

/** Creates the resources of one type. */
export interface Provider {
  readonly type: string;
  /** Whether anything comes of such a resource beyond its name. */
  readonly status: 'emulated' | 'inert';
  /** What to know of the type as a whole. */
  readonly note?: string;
  /** The properties that it knows; undefined where it takes any, as it acts on none. */
  readonly properties: PropertyTable | undefined;
  /**
   * Why such a resource is out of the emulator's reach, if it is. Asked before anything is created, when a value may
   * still be an expression, and again when it is none.
   */
  refusal?(properties: JsonObject): string | undefined;
  /** @throws {UnsupportedResource} where a resource like this is out of the emulator's reach */
  create(resource: NewResource, cloud: Cloud): CreatedResource | Promise<CreatedResource>;
}

/** A provider whose properties are read by their table before it gets them. */
export interface TypedProvider<T extends PropertyTable> {
  readonly type: string;
  readonly status?: 'emulated' | 'inert';
  readonly note?: string;
  readonly properties: T;
  /**
   * Why such a resource is out of the emulator's reach, if it is. Asked before anything is created, when a value may
   * still be an expression, and again when it is none.
   */
  refusal?(properties: JsonObject): string | undefined;
  create(resource: NewResource<Values<T>>, cloud: Cloud): CreatedResource | Promise<CreatedResource>;
}
