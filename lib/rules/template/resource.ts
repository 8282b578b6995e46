import { type IConstruct } from 'constructs';
import { at, isObject, type JsonObject, list } from './json';

/** A stack's template, and where it will be deployed. */
export interface StackTemplate {
  /** Its name in messages. */
  readonly name: string;
  /** The stack's name in CloudFormation, by which other stacks read its outputs; empty for a nested stack. */
  readonly stackName: string;
  /** The file that holds it, when it has been written. */
  readonly file?: string;
  /** The constructs of the resources, when the template is still a construct tree. */
  readonly constructs?: ReadonlyMap<string, IConstruct>;
  /** The region, when it is known at synthesis. */
  readonly region?: string;
  /** The account, when it is known at synthesis. */
  readonly account?: string;
  /** Of a nested stack: the resource that stands for it in its parent. */
  readonly nestedAs?: { readonly parent: StackTemplate; readonly logicalId: string };
  /** The raw `Resources`. */
  readonly resources: JsonObject;
  /** The raw `Outputs`. */
  readonly outputs: JsonObject;
}

/** A resource of a template. */
export class Resource {
  /** The CloudFormation type. */
  public readonly type: string;

  constructor(
    public readonly stack: StackTemplate,
    public readonly logicalId: string,
    private readonly raw: unknown,
  ) {
    this.type = String(at(raw, 'Type'));
  }

  /** The construct, when the template is still a construct tree. */
  public get construct(): IConstruct | undefined {
    return this.stack.constructs?.get(this.logicalId);
  }

  /** The construct's path, or the logical id where the template doesn't tell. */
  public get path(): string {
    const path = this.construct?.node.path ?? at(this.raw, 'Metadata', 'aws:cdk:path');
    return typeof path === 'string' ? path : `${this.stack.name}/${this.logicalId}`;
  }

  /** A property, unresolved. */
  public get(...path: readonly (string | number)[]): unknown {
    return at(this.raw, 'Properties', ...path);
  }

  /** All properties, unresolved. */
  public get properties(): JsonObject {
    const properties = at(this.raw, 'Properties');
    return isObject(properties) ? properties : {};
  }

  /** The logical ids of the resources that it must be created after. */
  public get dependsOn(): readonly unknown[] {
    return list(at(this.raw, 'DependsOn'));
  }

  /** An entry of the resource's metadata. */
  public metadata(key: string): unknown {
    return at(this.raw, 'Metadata', key);
  }
}
