import { DeploymentError } from '../deployment-error';
import { DEEPEST, isObject, mapOfEntries, show, type Json, type JsonObject } from '../provider/json';
import { comparisons } from './comparisons';
import { lookups } from './lookups';
import { networks } from './networks';
import { texts } from './texts';

/** Returns the value of an intrinsic function for its argument, which it evaluates itself. */
export type Intrinsic = (argument: Json, evaluator: Evaluator, path: string) => Json;

/** Resolves the names in a template. */
export interface Names {
  readonly stackName: string;
  readonly region: string;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  /** The value of `Ref`: a pseudo parameter, a parameter or a resource. Throws if there is none of that name. */
  reference(name: string, path: string): Json;
  /** The value of `Fn::GetAtt`. Throws if there is no such resource or attribute. */
  attribute(logicalId: string, attribute: string, path: string): Json;
  /** Whether an expression uses a resource whose `Ref` and attributes may not be what AWS gives. */
  usesPlaceholder(expression: Json): boolean;
  /** The value of another stack's export. */
  imported(exportName: string): string | undefined;
  /** The value of an output of another stack, in the Region and account that are given, else in this one. */
  outputOf(stackName: string, outputName: string, region?: string, account?: string): string | undefined;
}

const intrinsics: Readonly<Record<string, Intrinsic>> = { ...comparisons, ...lookups, ...networks, ...texts };

/** The result of `{ "Ref": "AWS::NoValue" }`: the property or list item is removed. */
const absent = Symbol('AWS::NoValue');

/** The value of an expression that cannot be evaluated over a placeholder. */
const UNKNOWN = 'placeholder';

/** Evaluates a template's expressions. */
export class Evaluator {
  private readonly known = new Map<string, boolean>();
  private readonly pending: string[] = [];
  /** Errors that no placeholder is to blame for. */
  private readonly errors = new WeakSet<Error>();

  constructor(private readonly names: Names) {}

  public get scope(): Names {
    return this.names;
  }

  /** The value of an expression. */
  public evaluate(value: Json, path: string): Json {
    if (Array.isArray(value)) return value.map((item, index) => this.evaluate(item, `${path}.${index}`));
    if (!isObject(value)) return value;
    const name = functionName(value);
    if (name === undefined) {
      return mapOfEntries(Object.entries(value).map(([key, item]) => [key, this.evaluate(item, `${path}.${key}`)]));
    }
    return this.call(name, value[name], path);
  }

  /** The expression with its conditions applied: each `Fn::If` is its chosen branch, each `AWS::NoValue` is removed. */
  public prune(value: Json, path: string): Json | undefined {
    const pruned = this.pruned(value, path);
    return pruned === absent ? undefined : pruned;
  }

  /** Whether a condition of the template holds. */
  public condition(name: string, path: string): boolean {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const expression = this.names.conditions[name];
    if (expression === undefined) {
      const all = Object.keys(this.names.conditions).join(', ') || 'none';
      return this.fail(path, `there is no condition ${name}; there are: ${all}`);
    }
    if (this.pending.includes(name)) {
      this.fail(`Conditions.${name}`, `it depends on itself: ${[...this.pending, name].join(' -> ')}`);
    }
    if (this.pending.length >= DEEPEST) {
      this.fail(
        `Conditions.${name}`,
        `conditions refer to one another more than ${DEEPEST} deep, which is the emulator's limit`,
      );
    }
    this.pending.push(name);
    const holds = this.truth(expression, `Conditions.${name}`);
    this.pending.pop();
    this.known.set(name, holds);
    return holds;
  }

  /** Whether an expression within a condition holds. */
  public truth(expression: Json, path: string): boolean {
    if (isObject(expression) && Object.keys(expression).length === 1 && typeof expression.Condition === 'string') {
      return this.condition(expression.Condition, path);
    }
    const value = this.evaluate(expression, path);
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    return this.fail(path, `must be true or false, but was ${show(value)}`);
  }

  /** The value of an expression that must be a string. */
  public text(expression: Json, path: string): string {
    const value = this.evaluate(expression, path);
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.fail(path, `must be a string, but was ${show(value)}`);
  }

  /** The value of an expression that must be a list. */
  public list(expression: Json, path: string): Json[] {
    const value = this.evaluate(expression, path);
    return Array.isArray(value) ? value : this.fail(path, `must be a list, but was ${show(value)}`);
  }

  /** The arguments of a function that takes a list of `fewest` to `most` of them. */
  public arguments(argument: Json, path: string, fewest: number, most = fewest): Json[] {
    if (Array.isArray(argument) && argument.length >= fewest && argument.length <= most) return argument;
    const count = fewest === most ? String(fewest) : `${fewest} to ${most}`;
    return this.fail(path, `must be a list of ${count}, but was ${show(argument)}`);
  }

  public fail(path: string, problem: string): never {
    throw new DeploymentError(this.names.stackName, path, problem);
  }

  private call(name: string, argument: Json, path: string): Json {
    const intrinsic = intrinsics[name];
    if (intrinsic === undefined) {
      return this.fail(path, `the function ${name} is not supported; supported: ${Object.keys(intrinsics).join(', ')}`);
    }
    try {
      return intrinsic(argument, this, `${path}.${name}`);
    } catch (error) {
      if (!(error instanceof DeploymentError) || this.errors.has(error)) throw error;
      // Such as the fifth part of a custom resource's attribute: AWS's value would have it.
      if (this.names.usesPlaceholder(argument)) return UNKNOWN;
      this.errors.add(error);
      throw error;
    }
  }

  private pruned(value: Json, path: string): Json | typeof absent {
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.pruned(item, `${path}.${index}`));
      return items.filter((item) => item !== absent);
    }
    if (!isObject(value)) return value;
    const name = functionName(value);
    if (name === 'Ref' && value.Ref === 'AWS::NoValue') return absent;
    if (name === 'Fn::If') {
      const [condition, yes, no] = this.arguments(value[name], `${path}.Fn::If`, 3);
      if (typeof condition !== 'string') {
        return this.fail(`${path}.Fn::If.0`, `must be a condition's name, but was ${show(condition)}`);
      }
      return this.condition(condition, `${path}.Fn::If`)
        ? this.pruned(yes, `${path}.Fn::If.1`)
        : this.pruned(no, `${path}.Fn::If.2`);
    }
    const entries = Object.entries(value).map(([key, item]) => [key, this.pruned(item, `${path}.${key}`)] as const);
    return mapOfEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== absent));
  }
}

/** The function that an object calls, if its only key is a function's name. */
export function functionName(value: JsonObject): string | undefined {
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0].startsWith('Fn::')) ? keys[0] : undefined;
}
