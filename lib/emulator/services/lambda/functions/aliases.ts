import type {
  AliasConfiguration,
  AliasRoutingConfiguration,
  CreateAliasRequest,
  DeleteAliasRequest,
  GetAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from '@aws-sdk/client-lambda';
import type { RequestContext } from '../../../core';
import type { Random } from '../../../clock';
import {
  checkRevision,
  constraintViolation,
  functionNotFound,
  invalidParameter,
  resourceConflict,
  resourceNotFound,
} from '../errors';
import type { Alias, FunctionRegistry, RegisteredFunction } from './function-registry';
import { page } from '../page';
import { LATEST } from '../runner';

const LARGEST_PAGE = 50;

/** The aliases of the functions of an account and Region. */
export class Aliases {
  private readonly revisions: Random;

  constructor(
    private readonly registry: FunctionRegistry,
    random: Random,
  ) {
    this.revisions = random.fork('lambda.alias-revisions');
  }

  public create(input: CreateAliasRequest, context: RequestContext): AliasConfiguration {
    const { Name: name = '', FunctionVersion: version = '' } = input;
    checkName(name);
    checkWeights(input.RoutingConfig);
    const { fn } = this.registry.find(input.FunctionName, context, undefined, ({ unqualifiedArn }) =>
      functionNotFound(`${unqualifiedArn}:${version}`),
    );
    const additional = readRouting(fn, version, input.RoutingConfig);
    if (fn.aliases.has(name)) throw resourceConflict(`Alias already exists: ${arnOf(fn, name)}`);
    return this.put(fn, {
      name,
      version,
      description: input.Description ?? '',
      ...(additional && { additional }),
    });
  }

  /** Updates an alias. Members that the request omits stay; an empty RoutingConfig removes the second version. */
  public update(input: UpdateAliasRequest, context: RequestContext): AliasConfiguration {
    checkWeights(input.RoutingConfig);
    const { fn } = this.registry.find(input.FunctionName, context);
    const alias = fn.aliases.get(input.Name ?? '');
    if (alias === undefined) throw resourceNotFound(`Alias not found: ${arnOf(fn, input.Name ?? '')}`);
    checkRevision(input.RevisionId, alias.revisionId);
    const version = input.FunctionVersion ?? alias.version;
    const routing = input.RoutingConfig ?? toRouting(alias);
    const additional = readRouting(fn, version, routing);
    return this.put(fn, {
      name: alias.name,
      version,
      description: input.Description ?? alias.description,
      ...(additional && { additional }),
    });
  }

  public get(input: GetAliasRequest, context: RequestContext): AliasConfiguration {
    const name = input.Name ?? '';
    const missing = (unqualifiedArn: string) => resourceNotFound(`Cannot find alias arn: ${unqualifiedArn}:${name}`);
    const { fn } = this.registry.find(input.FunctionName, context, undefined, (named) => missing(named.unqualifiedArn));
    const alias = fn.aliases.get(name);
    if (alias === undefined) throw missing(fn.latest.spec.functionArn);
    return toConfiguration(fn, alias);
  }

  public list(input: ListAliasesRequest, context: RequestContext): ListAliasesResponse {
    const { fn } = this.registry.find(input.FunctionName, context);
    const { FunctionVersion: version } = input;
    const wanted = [...fn.aliases.values()]
      .filter((alias) => version === undefined || alias.version === version || alias.additional?.version === version)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, nextMarker } = page(wanted, input, LARGEST_PAGE);
    return {
      Aliases: items.map((alias) => toConfiguration(fn, alias)),
      ...(nextMarker !== undefined && { NextMarker: nextMarker }),
    };
  }

  /** Deletes an alias; succeeds if it does not exist. */
  public delete(input: DeleteAliasRequest, context: RequestContext): void {
    const { fn } = this.registry.find(input.FunctionName, context);
    fn.aliases.delete(input.Name ?? '');
  }

  private put(fn: RegisteredFunction, described: Omit<Alias, 'revisionId'>): AliasConfiguration {
    const alias = { ...described, revisionId: this.revisions.uuid() };
    fn.aliases.set(alias.name, alias);
    return toConfiguration(fn, alias);
  }
}

function checkName(name: string): void {
  if (/^(?!^[0-9]+$)[a-zA-Z0-9-_]{1,128}$/.test(name)) return;
  const pattern = '(?!^[0-9]+$)([a-zA-Z0-9-_]+)';
  throw constraintViolation('name', name, `Member must satisfy regular expression pattern: ${pattern}`);
}

/** Validates weights against AWS's model, before functions and versions are looked up. */
function checkWeights(routing: AliasRoutingConfiguration | undefined): void {
  for (const [version, weight] of Object.entries(routing?.AdditionalVersionWeights ?? {})) {
    const text = `{${version}=${Number.isInteger(weight) ? weight.toFixed(1) : weight}}`;
    const at = 'routingConfig.additionalVersionWeights';
    if (!/^[0-9]{1,1024}$/.test(version)) {
      throw constraintViolation(
        at,
        text,
        'Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have ' +
          'length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]',
      );
    }
    if (weight >= 0 && weight <= 1) continue;
    throw constraintViolation(
      at,
      text,
      'Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value ' +
        'greater than or equal to 0.0, Member must not be null]',
    );
  }
}

function readRouting(
  fn: RegisteredFunction,
  version: string,
  routing: AliasRoutingConfiguration | undefined,
): Alias['additional'] {
  const weights = Object.entries(routing?.AdditionalVersionWeights ?? {});
  if (weights.length > 1)
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  const [additional] = weights.map(([other, weight]) => ({ version: other, weight }));
  if (additional?.version === version) {
    throw invalidParameter(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  }
  if (additional !== undefined && version === LATEST) {
    throw invalidParameter(`${LATEST} is not supported for an alias pointing to more than 1 version`);
  }
  for (const wanted of additional === undefined ? [version] : [version, additional.version]) {
    if (wanted !== LATEST && !fn.versions.has(wanted)) throw functionNotFound(arnOf(fn, wanted));
  }
  return additional;
}

function toRouting({ additional }: Alias): AliasRoutingConfiguration | undefined {
  return additional && { AdditionalVersionWeights: { [additional.version]: additional.weight } };
}

function toConfiguration(fn: RegisteredFunction, alias: Alias): AliasConfiguration {
  const routing = toRouting(alias);
  return {
    AliasArn: arnOf(fn, alias.name),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(routing && { RoutingConfig: routing }),
    RevisionId: alias.revisionId,
  };
}

const arnOf = (fn: RegisteredFunction, qualifier: string): string => `${fn.latest.spec.functionArn}:${qualifier}`;
