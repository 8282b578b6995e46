import { AssemblyError } from './assembly-error';
import { expandLoops } from './loops';
import { isObject, mapOfEntries, show, type Json, type JsonObject } from './provider/json';

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string | number | boolean;
  readonly AllowedValues?: readonly (string | number | boolean)[];
  readonly AllowedPattern?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly ConstraintDescription?: string;
}

export interface TemplateResource {
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  readonly condition?: string;
  /** The construct path that the CDK noted in the metadata. */
  readonly path?: string;
  /** What becomes of it when the stack no longer has it, or is deleted: a {@link RemovalPolicy}, or an expression. */
  readonly deletionPolicy: Json;
  /** What becomes of it when an update puts another in its place: a {@link RemovalPolicy}, or an expression. */
  readonly updateReplacePolicy: Json;
  /** Whether it waits for signals: the attribute `CreationPolicy`. */
  readonly hasCreationPolicy: boolean;
  /** The attribute `UpdatePolicy`, as written. */
  readonly updatePolicy: JsonObject;
}

/** The values of `DeletionPolicy` and `UpdateReplacePolicy`. */
export type RemovalPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';

export interface TemplateOutput {
  readonly value: Json;
  readonly exportName?: Json;
  readonly condition?: string;
}

export interface TemplateAssertion {
  readonly assert: Json;
  readonly description: string;
}

export interface TemplateRule {
  readonly condition?: Json;
  readonly assertions: readonly TemplateAssertion[];
}

/** A CloudFormation template whose outer shape was checked; its values are as they were written. */
export interface Template {
  readonly parameters: Readonly<Record<string, TemplateParameter>>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly rules: Readonly<Record<string, TemplateRule>>;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly outputs: Readonly<Record<string, TemplateOutput>>;
}

const sections = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Rules',
  'Resources',
  'Outputs',
  'Transform',
]);
const resourceAttributes = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'CreationPolicy',
  'UpdatePolicy',
]);
/** What this transform adds works here without it. */
const LANGUAGE_EXTENSIONS = 'AWS::LanguageExtensions';

/**
 * Checks the shape of a template.
 *
 * @param file names the template in error messages
 * @throws {AssemblyError} where it is not one
 */
export function parseTemplate(file: string, json: Json): Template {
  const reader = new TemplateReader(file);
  return reader.template(json);
}

class TemplateReader {
  constructor(private readonly file: string) {}

  public template(json: Json): Template {
    const given = this.object(json, 'the template');
    // Before all else, as a transform explains what else is not known.
    this.transforms(given);
    const document = expandLoops(given, (problem) => this.fail(problem));
    for (const name of Object.keys(document)) {
      if (!sections.has(name)) this.fail(`unknown section ${name}; allowed: ${[...sections].join(', ')}`);
    }
    const resources = this.section(document, 'Resources', (value, path) => this.resource(value, path));
    // A CDK stack without constructs has parameters and rules only.
    if (Object.keys(document).length === 0) this.fail('it has no Resources');
    return {
      resources,
      parameters: this.section(document, 'Parameters', (value, path) => this.parameter(value, path)),
      mappings: this.section(document, 'Mappings', (value, path) => this.object(value, path)),
      conditions: this.section(document, 'Conditions', (value, path) => this.object(value, path)),
      rules: this.section(document, 'Rules', (value, path) => this.rule(value, path)),
      outputs: this.section(document, 'Outputs', (value, path) => this.output(value, path)),
    };
  }

  private transforms(document: JsonObject): void {
    const { Transform: transform = [], provider, service, functions } = document;
    if (document.Resources === undefined && provider !== undefined && (service ?? functions) !== undefined) {
      this.fail('it is a file of the Serverless Framework: `serverless package` writes the CloudFormation template');
    }
    const names = (Array.isArray(transform) ? transform : [transform]).filter((name) => name !== LANGUAGE_EXTENSIONS);
    if (names.length === 0 && document.Globals === undefined) return;
    const [name] = names.length > 0 ? names : ['AWS::Serverless-2016-10-31'];
    this.fail(
      `the transform ${typeof name === 'string' ? name : show(name)} runs inside AWS only; get the plain template of the ` +
        'deployed stack: aws cloudformation get-template --template-stage Processed --stack-name <name>',
    );
  }

  private section<T>(document: JsonObject, name: string, read: (value: Json, path: string) => T): Record<string, T> {
    if (document[name] === undefined) return mapOfEntries<T>([]);
    const entries = Object.entries(this.object(document[name], name));
    return mapOfEntries(entries.map(([id, value]) => [id, read(value, `${name}.${id}`)]));
  }

  private resource(value: Json, path: string): TemplateResource {
    const body = this.object(value, path);
    for (const name of Object.keys(body)) {
      if (!resourceAttributes.has(name)) {
        this.fail(`${path}.${name} is no attribute of a resource; allowed: ${[...resourceAttributes].join(', ')}`);
      }
    }
    const metadata = body.Metadata === undefined ? {} : this.object(body.Metadata, `${path}.Metadata`);
    const constructPath = metadata['aws:cdk:path'];
    return {
      type: this.text(body.Type, `${path}.Type`),
      properties: body.Properties === undefined ? {} : this.object(body.Properties, `${path}.Properties`),
      dependsOn: this.texts(body.DependsOn, `${path}.DependsOn`),
      condition: this.optionalText(body.Condition, `${path}.Condition`),
      path: typeof constructPath === 'string' ? constructPath : undefined,
      deletionPolicy: this.removalPolicy(body, 'DeletionPolicy', path),
      updateReplacePolicy: this.removalPolicy(body, 'UpdateReplacePolicy', path),
      hasCreationPolicy: body.CreationPolicy !== undefined,
      updatePolicy: body.UpdatePolicy === undefined ? {} : this.object(body.UpdatePolicy, `${path}.UpdatePolicy`),
    };
  }

  private removalPolicy(body: JsonObject, name: PolicyName, path: string): Json {
    const given = body[name] ?? 'Delete';
    if (isObject(given) || removalPolicy(given, name) !== undefined) return given;
    return this.fail(`${path}.${name} must be one of ${allowedPolicies(name).join(', ')}, but was ${show(given)}`);
  }

  private parameter(value: Json, path: string): TemplateParameter {
    const body = this.object(value, path);
    const scalar = (name: string): string | number | undefined => {
      const found = body[name];
      if (typeof found === 'boolean') return String(found);
      if (found === undefined || typeof found === 'string' || typeof found === 'number') return found;
      return this.fail(`${path}.${name} must be a string or a number, but was ${show(found)}`);
    };
    const allowed = body.AllowedValues;
    if (allowed !== undefined && !(Array.isArray(allowed) && allowed.every(isScalar))) {
      this.fail(`${path}.AllowedValues must be a list of strings or numbers, but was ${show(allowed)}`);
    }
    return {
      Type: this.text(body.Type, `${path}.Type`),
      Default: scalar('Default'),
      AllowedValues: allowed,
      AllowedPattern: this.optionalText(body.AllowedPattern, `${path}.AllowedPattern`),
      MinLength: scalar('MinLength'),
      MaxLength: scalar('MaxLength'),
      MinValue: scalar('MinValue'),
      MaxValue: scalar('MaxValue'),
      ConstraintDescription: this.optionalText(body.ConstraintDescription, `${path}.ConstraintDescription`),
    };
  }

  private output(value: Json, path: string): TemplateOutput {
    const body = this.object(value, path);
    if (body.Value === undefined) this.fail(`${path}.Value is missing`);
    const exported = body.Export === undefined ? undefined : this.object(body.Export, `${path}.Export`);
    if (exported !== undefined && exported.Name === undefined) this.fail(`${path}.Export.Name is missing`);
    return {
      value: body.Value,
      exportName: exported?.Name,
      condition: this.optionalText(body.Condition, `${path}.Condition`),
    };
  }

  private rule(value: Json, path: string): TemplateRule {
    const body = this.object(value, path);
    if (!Array.isArray(body.Assertions))
      this.fail(`${path}.Assertions must be a list, but was ${show(body.Assertions)}`);
    const assertions = body.Assertions.map((item, index) => {
      const assertion = this.object(item, `${path}.Assertions.${index}`);
      if (assertion.Assert === undefined) this.fail(`${path}.Assertions.${index}.Assert is missing`);
      const description = this.optionalText(
        assertion.AssertDescription,
        `${path}.Assertions.${index}.AssertDescription`,
      );
      return { assert: assertion.Assert, description: description ?? 'the assertion does not hold' };
    });
    return { condition: body.RuleCondition, assertions };
  }

  private object(value: Json | undefined, path: string): JsonObject {
    return isObject(value) ? value : this.fail(`${path} must be an object, but was ${show(value)}`);
  }

  private text(value: Json | undefined, path: string): string {
    return typeof value === 'string' ? value : this.fail(`${path} must be a string, but was ${show(value)}`);
  }

  private optionalText(value: Json | undefined, path: string): string | undefined {
    return value === undefined ? undefined : this.text(value, path);
  }

  private texts(value: Json | undefined, path: string): string[] {
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map((item) => this.text(item, path));
  }

  private fail(problem: string): never {
    throw new AssemblyError(this.file, problem);
  }
}

function isScalar(value: Json): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

type PolicyName = 'DeletionPolicy' | 'UpdateReplacePolicy';

/** The values that a policy may have. */
export function allowedPolicies(name: PolicyName): readonly RemovalPolicy[] {
  const both: RemovalPolicy[] = ['Delete', 'Retain', 'Snapshot'];
  return name === 'DeletionPolicy' ? [...both, 'RetainExceptOnCreate'] : both;
}

/** A policy's value; undefined if it may not have it. */
export function removalPolicy(value: Json | undefined, name: PolicyName): RemovalPolicy | undefined {
  return allowedPolicies(name).find((each) => each === value);
}
