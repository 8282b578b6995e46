import { formatArn, type RequestContext } from '../../../core';
import type { Random } from '../../../clock';
import { functionNotFound, resourceNotFound } from '../errors';
import type { MeteredTarget } from '../invocations/function-metrics';
import { parseFunctionReference, type FunctionReference } from './function-reference';
import { LATEST, type FunctionSpec } from '../runner';

/** A function's code and configuration, unpublished or published. */
export interface FunctionVersion {
  /** Its `version` says which one it is. */
  readonly spec: FunctionSpec;
  readonly lastModified: number;
  readonly revisionId: string;
}

/** An alias of one version, or of two between which invocations are divided. */
export interface Alias {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly additional?: {
    readonly version: string;
    /** 0–1. */
    readonly weight: number;
  };
  readonly revisionId: string;
}

/** A function and its published versions. */
export interface RegisteredFunction {
  readonly name: string;
  latest: FunctionVersion;
  /** By number, oldest first. */
  readonly versions: Map<string, FunctionVersion>;
  nextVersion: number;
  readonly aliases: Map<string, Alias>;
}

/** The target of an invocation, which is resolved anew for each. */
export interface FunctionAddress {
  readonly functionName: string;
  /** A version or an alias. */
  readonly qualifier?: string;
}

/** The version that an invocation runs. */
export interface InvocationTarget extends MeteredTarget {
  readonly spec: FunctionSpec;
  /** The ARN by which the function was invoked, including a qualifier. */
  readonly invokedArn: string;
}

/** A function as a caller referred to it. */
export interface NamedFunction {
  readonly fn: RegisteredFunction;
  readonly qualifier?: string;
  /** Including the qualifier, if there is one. */
  readonly arn: string;
}

/** The functions of an account and Region. */
export class FunctionRegistry {
  private readonly functions = new Map<string, RegisteredFunction>();
  private readonly random: Random;

  constructor(
    private readonly account: string,
    private readonly region: string,
    random: Random,
  ) {
    this.random = random.fork('lambda.aliases');
  }

  public get all(): RegisteredFunction[] {
    return [...this.functions.values()];
  }

  public get(name: string): RegisteredFunction | undefined {
    return this.functions.get(name);
  }

  public has(name: string): boolean {
    return this.functions.has(name);
  }

  public add(latest: FunctionVersion): void {
    const name = latest.spec.functionName;
    this.functions.set(name, { name, latest, versions: new Map(), nextVersion: 1, aliases: new Map() });
  }

  public remove(name: string): void {
    this.functions.delete(name);
  }

  /**
   * Finds a function by name, ARN or partial ARN. Does not check the qualifier.
   * @param missing how to report a function that does not exist; by default, by its ARN
   */
  public find(
    reference: string | undefined,
    context: RequestContext,
    qualifier?: string,
    missing: (named: FunctionReference) => Error = ({ arn }) => functionNotFound(arn),
  ): NamedFunction {
    const named = parseFunctionReference(reference, context, qualifier);
    const { name, arn } = named;
    if (named.region !== this.region) {
      throw resourceNotFound(`Functions from '${named.region}' are not reachable in this region ('${this.region}')`);
    }
    const here = formatArn('lambda', this.region, this.account, `function:${name}`);
    const fn = named.unqualifiedArn === here ? this.functions.get(name) : undefined;
    if (fn === undefined) throw missing(named);
    return { fn, arn, ...(named.qualifier !== undefined && { qualifier: named.qualifier }) };
  }

  /** Finds the version that a caller refers to; of an alias, the first one. */
  public findVersion(
    reference: string | undefined,
    context: RequestContext,
    qualifier?: string,
  ): NamedFunction & FunctionVersion {
    const named = this.find(reference, context, qualifier);
    const version = versionOf(named.fn, named.qualifier);
    if (version === undefined) throw functionNotFound(named.arn);
    return { ...named, ...version };
  }

  /** The version of a mapping or a queued event, of an alias the first one; undefined if it does not exist any more. */
  public versionAt({ functionName, qualifier }: FunctionAddress): FunctionVersion | undefined {
    const fn = this.functions.get(functionName);
    return fn && versionOf(fn, qualifier);
  }

  /** The version that the next invocation runs. An alias with two versions chooses at random, by their weights. */
  public pick({ functionName, qualifier }: FunctionAddress): InvocationTarget | undefined {
    const fn = this.functions.get(functionName);
    if (fn === undefined) return undefined;
    const alias = qualifier === undefined ? undefined : fn.aliases.get(qualifier);
    const version = versionOf(fn, alias === undefined ? qualifier : this.draw(alias));
    if (version === undefined) return undefined;
    const { spec } = version;
    if (qualifier === undefined) return { spec, functionName, invokedArn: spec.functionArn };
    return {
      spec,
      functionName,
      qualifier,
      ...(alias !== undefined && { executedVersion: spec.version ?? LATEST }),
      invokedArn: `${spec.functionArn}:${qualifier}`,
    };
  }

  private draw({ version, additional }: Alias): string {
    return additional !== undefined && this.random.next() < additional.weight ? additional.version : version;
  }
}

function versionOf(fn: RegisteredFunction, qualifier: string = LATEST): FunctionVersion | undefined {
  if (qualifier === LATEST) return fn.latest;
  const alias = fn.aliases.get(qualifier);
  return alias === undefined ? fn.versions.get(qualifier) : versionOf(fn, alias.version);
}
