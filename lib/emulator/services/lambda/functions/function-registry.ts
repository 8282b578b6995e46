import { formatArn, type RequestContext } from '../../../core';
import type { Random } from '../../../clock';
import { functionNotFound, resourceNotFound } from '../errors';
import type { MeteredTarget } from '../invocations/function-metrics';
import { parseFunctionReference, type FunctionReference } from './function-reference';
import { LATEST, type FunctionSpec } from '../runner';

/** A function's code and configuration, as it is now or as it was published. */
export interface FunctionVersion {
  /** `version` says which it is. */
  readonly spec: FunctionSpec;
  readonly lastModified: number;
  readonly revisionId: string;
}

/** A name for a version, or for two of which one gets a share of the invocations. */
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

/** A function with all that was published of it. */
export interface RegisteredFunction {
  readonly name: string;
  latest: FunctionVersion;
  /** By number, oldest first. */
  readonly versions: Map<string, FunctionVersion>;
  nextVersion: number;
  readonly aliases: Map<string, Alias>;
}

/** What a function is invoked by, to be resolved anew at each invocation. */
export interface FunctionAddress {
  readonly functionName: string;
  /** A version or an alias. */
  readonly qualifier?: string;
}

/** What one invocation runs. */
export interface InvocationTarget extends MeteredTarget {
  readonly spec: FunctionSpec;
  /** The ARN by which the function was invoked, with its qualifier if there is one. */
  readonly invokedArn: string;
}

/** A function that a caller has named, and by which qualifier. */
export interface NamedFunction {
  readonly fn: RegisteredFunction;
  readonly qualifier?: string;
  /** With the qualifier if there is one. */
  readonly arn: string;
}

/** The functions of one account and region. */
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
   * The function that a name, an ARN or a part of one names; its qualifier is not looked for.
   * @param missing as what a function that is not there is reported, where not by the ARN that was given
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

  /** The version that a caller has named, by an alias its first. */
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

  /** What a mapping or a queued event is for, an alias's first version, if it is there. */
  public versionAt({ functionName, qualifier }: FunctionAddress): FunctionVersion | undefined {
    const fn = this.functions.get(functionName);
    return fn && versionOf(fn, qualifier);
  }

  /** What the next invocation of a function runs: behind an alias of two versions, chance decides. */
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
