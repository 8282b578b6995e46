import { arnParts } from './arn';
import { at, isObject } from './json';
import { Resource, type StackTemplate } from './resource';

/** What CDK's `crossRegionReferences` are: one puts values in the other's region, by names that are used once. */
export const CROSS_REGION_WRITER = 'Custom::CrossRegionExportWriter';
/** Its attributes are those values. */
export const CROSS_REGION_READER = 'Custom::CrossRegionExportReader';

/** What a reference leads to: a resource, and which of its attributes (`Ref` for the resource's own). */
export interface Target {
  /** The resource. */
  readonly resource: Resource;
  /** `Ref`, or the name of the attribute. */
  readonly attribute: string;
}

/** A value, and the stack in whose template it is written. */
interface Written {
  readonly value: unknown;
  readonly stack: StackTemplate;
}

/** All templates that are deployed together, with the references between them followed. */
export class Deployment {
  private readonly byType = new Map<string, Resource[]>();
  private readonly byStack = new Map<StackTemplate, Map<string, Resource>>();
  private readonly exports = new Map<string, Written>();
  private readonly stacksByName = new Map<string, StackTemplate[]>();
  private readonly nested = new Map<Resource, StackTemplate>();
  private readonly acrossRegions = new Map<string, Written>();

  constructor(stacks: readonly StackTemplate[]) {
    for (const stack of stacks) this.byStack.set(stack, this.read(stack));
    for (const stack of stacks) {
      const { nestedAs } = stack;
      if (nestedAs === undefined) {
        this.stacksByName.set(stack.stackName, [...(this.stacksByName.get(stack.stackName) ?? []), stack]);
      }
      const resource = nestedAs && this.byStack.get(nestedAs.parent)?.get(nestedAs.logicalId);
      if (resource !== undefined) this.nested.set(resource, stack);
      for (const output of Object.values(stack.outputs)) {
        const name = this.text(at(output, 'Export', 'Name'), stack);
        if (name !== undefined) this.exports.set(placed(name, stack), { value: at(output, 'Value'), stack });
      }
    }
    for (const writer of this.ofType(CROSS_REGION_WRITER)) {
      for (const [name, value] of Object.entries(writer.get('WriterProps', 'exports') ?? {})) {
        const region = this.text(writer.get('WriterProps', 'region'), writer.stack);
        this.acrossRegions.set(placed(name, { ...writer.stack, region }), { value, stack: writer.stack });
      }
    }
  }

  /** The resources of a type, in all stacks. */
  public ofType(type: string): readonly Resource[] {
    return this.byType.get(type) ?? [];
  }

  /** The resource that a property refers to, through exports, regions and nested stacks; undefined for anything else. */
  public target(value: unknown, stack: StackTemplate): Target | undefined {
    const [logicalId, attribute] = reference(value);
    const resource = logicalId === undefined ? undefined : this.byStack.get(stack)?.get(logicalId);
    if (resource !== undefined && !isPassage(resource, attribute)) return { resource, attribute };
    const origin = this.origin(value, stack);
    return origin && this.target(origin.value, origin.stack);
  }

  /** The resources that a value refers to, however deep in it. */
  public *targets(value: unknown, stack: StackTemplate): Iterable<Resource> {
    const target = this.target(value, stack);
    if (target !== undefined) yield target.resource;
    for (const name of substitutions(value)) yield* this.targets({ 'Fn::GetAtt': name }, stack);
    if (typeof value !== 'object' || value === null) return;
    for (const part of Object.values(value)) yield* this.targets(part, stack);
  }

  /**
   * The text that a property has at deployment. `${AWS::Region}` and the like stay where the stack's environment isn't
   * known; undefined when other parts are known at deployment only.
   */
  public text(value: unknown, stack: StackTemplate): string | undefined {
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    if (!isObject(value)) return undefined;
    const pseudo = value.Ref;
    if (typeof pseudo === 'string' && pseudo.startsWith('AWS::')) return pseudoParameter(pseudo, stack);
    if ('Fn::Join' in value) return this.joined(value['Fn::Join'], stack);
    if (typeof value['Fn::Sub'] === 'string') return substituted(value['Fn::Sub'], stack);
    const origin = this.origin(value, stack);
    if (origin !== undefined) return this.text(origin.value, origin.stack);
    const target = this.target(value, stack);
    if (target?.attribute !== 'QueueName') return undefined;
    return this.text(target.resource.get('QueueName'), target.resource.stack);
  }

  private read(stack: StackTemplate): Map<string, Resource> {
    const all = new Map<string, Resource>();
    for (const [logicalId, raw] of Object.entries(stack.resources)) {
      const resource = new Resource(stack, logicalId, raw);
      all.set(logicalId, resource);
      const others = this.byType.get(resource.type);
      if (others === undefined) this.byType.set(resource.type, [resource]);
      else others.push(resource);
    }
    return all;
  }

  /** Where an import, another stack's output, a nested stack's parameter or another region's export comes from. */
  private origin(value: unknown, stack: StackTemplate): Written | undefined {
    const imported = at(value, 'Fn::ImportValue');
    if (imported !== undefined) return this.exports.get(placed(this.text(imported, stack) ?? '', stack));
    const output = at(value, 'Fn::GetStackOutput');
    if (output !== undefined) return this.stackOutput(output, stack);
    const [logicalId, attribute] = reference(value);
    if (logicalId === undefined) return undefined;
    const resource = this.byStack.get(stack)?.get(logicalId);
    if (resource !== undefined) {
      if (!isPassage(resource, attribute)) return undefined;
      if (resource.type === CROSS_REGION_READER) return this.acrossRegions.get(placed(attribute, stack));
      const child = this.nested.get(resource);
      return child && { value: at(child.outputs, attribute.slice('Outputs.'.length), 'Value'), stack: child };
    }
    const { nestedAs } = stack;
    const parameter =
      nestedAs && this.byStack.get(nestedAs.parent)?.get(nestedAs.logicalId)?.get('Parameters', logicalId);
    return nestedAs && parameter !== undefined ? { value: parameter, stack: nestedAs.parent } : undefined;
  }

  /** The output that a weak reference reads: of a stack in the reader's own Region and account, unless it names others. */
  private stackOutput(reference: unknown, reader: StackTemplate): Written | undefined {
    const text = (member: string) => this.text(at(reference, member), reader);
    const name = text('OutputName');
    const region = at(reference, 'Region') === undefined ? regionOf(reader) : text('Region');
    const roleArn = at(reference, 'RoleArn');
    const account = roleArn === undefined ? accountOf(reader) : arnParts(text('RoleArn') ?? '')[4];
    const stack = this.stacksByName
      .get(text('StackName') ?? '')
      ?.find((one) => regionOf(one) === region && accountOf(one) === account);
    return stack && name !== undefined ? { value: at(stack.outputs, name, 'Value'), stack } : undefined;
  }

  private joined(operands: unknown, stack: StackTemplate): string | undefined {
    const parts = at(operands, 1);
    if (!Array.isArray(parts)) return undefined;
    const texts = parts.map((part) => this.text(part, stack));
    return texts.includes(undefined) ? undefined : texts.join(String(at(operands, 0)));
  }
}

/** Whether an attribute stands for one of another template. */
function isPassage({ type }: Resource, attribute: string): boolean {
  return type === CROSS_REGION_READER || (type === 'AWS::CloudFormation::Stack' && attribute.startsWith('Outputs.'));
}

/** The logical id and the attribute that an intrinsic function names. */
function reference(value: unknown): readonly [string | undefined, string] {
  const id = at(value, 'Ref');
  if (typeof id === 'string') return [id, 'Ref'];
  const attribute = at(value, 'Fn::GetAtt');
  const parts = typeof attribute === 'string' ? attribute.split('.') : Array.isArray(attribute) ? attribute : [];
  const [logicalId, ...rest] = parts.map(String);
  return [logicalId, rest.join('.')];
}

/** What a text of `Fn::Sub` stands for: logical ids, some with an attribute. */
function substitutions(value: unknown): string[] {
  const sub = at(value, 'Fn::Sub');
  const text = Array.isArray(sub) ? (sub[0] as unknown) : sub;
  return typeof text === 'string' ? [...text.matchAll(/\$\{([A-Za-z0-9.]+)\}/g)].map(([, name]) => name) : [];
}

function pseudoParameter(name: string, stack: StackTemplate): string {
  if (name === 'AWS::Region') return regionOf(stack);
  return name === 'AWS::AccountId' ? accountOf(stack) : `\${${name}}`;
}

/** Exports of one name may be in several Regions and accounts. */
function placed(name: string, { region, account }: Pick<StackTemplate, 'region' | 'account'>): string {
  return [account, region, name].join('|');
}

/** The region of a stack as a text in its template has it. */
function regionOf({ region }: StackTemplate): string {
  return region ?? '${AWS::Region}';
}

/** The account of a stack as a text in its template has it. */
function accountOf({ account }: StackTemplate): string {
  return account ?? '${AWS::AccountId}';
}

function substituted(text: string, stack: StackTemplate): string | undefined {
  const replaced = text.replace(/\$\{(AWS::\w+)\}/g, (_, name: string) => pseudoParameter(name, stack));
  return /\$\{(?!AWS::)/.test(replaced) ? undefined : replaced;
}
