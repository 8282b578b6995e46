import type {
  AddTagsToResourceRequest,
  DeleteParameterRequest,
  DeleteParametersRequest,
  DeleteParametersResult,
  DescribeParametersRequest,
  DescribeParametersResult,
  GetParameterHistoryRequest,
  GetParameterHistoryResult,
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
  LabelParameterVersionRequest,
  LabelParameterVersionResult,
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  Parameter as ParameterAnswer,
  ParameterMetadata,
  PutParameterRequest,
  PutParameterResult,
  RemoveTagsFromResourceRequest,
  UnlabelParameterVersionRequest,
  UnlabelParameterVersionResult,
} from '@aws-sdk/client-ssm';
import { AwsError, formatArn, ModelConstraints, page, type RequestContext } from '../../core';
import type { Timeline } from '../../timeline';
import { invalidNextToken, invalidResourceId, parameterNotFound, validation, versionNotFound } from './errors';
import { LIMITS } from './limits';
import { filterBy, fromOldForm, isUnder } from './parameters/filters';
import { parseReference, resourceOf } from './parameters/names';
import { latest, type Parameter, type ParameterVersion } from './parameters/parameter';
import { ParameterStore, type ParameterStoreDependencies } from './parameters/parameter-store';
import { publicParameter } from './public-parameters';

const LARGEST_BATCH = 10;
const LARGEST_PAGE = 50;

/** What {@link Ssm} needs. */
export interface SsmDependencies extends ParameterStoreDependencies {
  readonly timeline: Timeline;
}

/** A parameter, for views. Its value is not shown: it may be a secret. */
export interface ParameterView {
  readonly name: string;
  readonly type: string;
  readonly version: number;
}

/** AWS Systems Manager's Parameter Store of one account and Region. */
export class Ssm {
  private readonly store: ParameterStore;

  constructor(private readonly dependencies: SsmDependencies) {
    this.store = new ParameterStore(dependencies);
  }

  public putParameter(input: PutParameterRequest, context: RequestContext): PutParameterResult {
    const { version, tier, type } = this.store.put(input, context);
    this.dependencies.timeline.record('ssm.put', parseReference(input.Name ?? '').name, { version, type });
    return { Version: version, Tier: tier };
  }

  public getParameter(input: GetParameterRequest, context: RequestContext): GetParameterResult {
    const { Name: reference = '', WithDecryption: decrypt = false } = input;
    new ModelConstraints().length('name', reference, 1, 2_048).check('ValidationException');
    const published = this.published(reference);
    return { Parameter: published ?? this.read(reference, decrypt, context) };
  }

  public getParameters(input: GetParametersRequest, context: RequestContext): GetParametersResult {
    const { Names: names = [], WithDecryption: decrypt = false } = input;
    checkBatch(names);
    const [found, missing]: [ParameterAnswer[], string[]] = [[], []];
    for (const name of new Set(names)) {
      try {
        found.push(this.published(name) ?? this.read(name, decrypt, context));
      } catch (error) {
        if (!(error instanceof AwsError && /^Parameter(Version)?NotFound$/.test(error.shape))) throw error;
        missing.push(name);
      }
    }
    return { Parameters: found, InvalidParameters: missing };
  }

  public getParametersByPath(input: GetParametersByPathRequest, context: RequestContext): GetParametersByPathResult {
    const { Path: path = '', Recursive: recursive = false, WithDecryption: decrypt = false } = input;
    const { ParameterFilters: filters = [], MaxResults: size = LARGEST_BATCH, NextToken: token } = input;
    new ModelConstraints()
      .length('path', path, 1, 2_048)
      .range('maxResults', size, 1, LARGEST_BATCH)
      .check('ValidationException');
    if (!path.startsWith('/')) {
      throw validation(
        'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". ' +
          'It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the ' +
          'following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, ' +
          'if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
      );
    }
    const passes = filterBy(filters, ['Type', 'KeyId', 'Label']);
    const all = this.store.all.filter((parameter) => isUnder(parameter.name, path, recursive) && passes(parameter));
    const { items, nextToken } = page(all, size, token, invalidNextToken);
    return {
      Parameters: items.map((parameter) => this.answer(parameter, versionBy(parameter, filters), decrypt, context)),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  }

  public getParameterHistory(input: GetParameterHistoryRequest, context: RequestContext): GetParameterHistoryResult {
    const { MaxResults: size = LARGEST_PAGE, NextToken: token, WithDecryption: decrypt = false } = input;
    new ModelConstraints().range('maxResults', size, 1, LARGEST_PAGE).check('ValidationException');
    const parameter = this.find(input.Name);
    const { items, nextToken } = page(parameter.versions, size, token, invalidNextToken);
    return {
      Parameters: items.map((version) => {
        const { ARN: _arn, ...described } = describe(parameter, version);
        const value = this.store.valueOf(parameter, version, decrypt, context);
        return { ...described, Value: value, Labels: [...version.labels] };
      }),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  }

  public describeParameters(input: DescribeParametersRequest, _context: RequestContext): DescribeParametersResult {
    const { Filters, ParameterFilters: filters = [], MaxResults: size = LARGEST_PAGE, NextToken: token } = input;
    new ModelConstraints().range('maxResults', size, 1, LARGEST_PAGE).check('ValidationException');
    const all = this.store.all.filter(filterBy([...fromOldForm(Filters), ...filters]));
    const { items, nextToken } = page(all, size, token, invalidNextToken);
    return {
      Parameters: items.map((parameter) => describe(parameter, latest(parameter))),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  }

  public deleteParameter({ Name: reference = '' }: DeleteParameterRequest, _context: RequestContext): void {
    this.remove(this.find(reference).name);
  }

  public deleteParameters(
    { Names: names = [] }: DeleteParametersRequest,
    _context: RequestContext,
  ): DeleteParametersResult {
    checkBatch(names);
    const isThere = (reference: string) => this.store.findBy(reference) !== undefined;
    const wanted = [...new Set(names)];
    const [deleted, missing] = [wanted.filter(isThere), wanted.filter((name) => !isThere(name))];
    for (const reference of deleted) this.remove(this.find(reference).name);
    return { DeletedParameters: deleted, InvalidParameters: missing };
  }

  /** Moves labels to a version. Labels that are not allowed come back, and the others are moved all the same. */
  public labelParameterVersion(
    input: LabelParameterVersionRequest,
    _context: RequestContext,
  ): LabelParameterVersionResult {
    const { Labels: labels = [] } = input;
    new ModelConstraints().length('labels', labels, 1, LIMITS.labelsPerVersion).check('ValidationException');
    const parameter = this.find(input.Name);
    const version = versionAt(parameter, input.ParameterVersion);
    const invalid = labels.filter((label) => !/^(?!\d|aws|ssm)[\w.-]{1,100}$/i.test(label));
    const valid = labels.filter((label) => !invalid.includes(label));
    if (new Set([...version.labels, ...valid]).size > LIMITS.labelsPerVersion) {
      throw new AwsError(
        'ParameterVersionLabelLimitExceeded',
        'A parameter version can have maximum 10 labels. Move one or more labels to another version and try again.',
      );
    }
    for (const label of valid) {
      for (const other of parameter.versions) other.labels.delete(label);
      version.labels.add(label);
    }
    return { InvalidLabels: invalid, ParameterVersion: version.version };
  }

  public unlabelParameterVersion(
    input: UnlabelParameterVersionRequest,
    _context: RequestContext,
  ): UnlabelParameterVersionResult {
    const version = versionAt(this.find(input.Name), input.ParameterVersion);
    const { Labels: labels = [] } = input;
    const removed = labels.filter((label) => version.labels.delete(label));
    return { RemovedLabels: removed, InvalidLabels: labels.filter((label) => !removed.includes(label)) };
  }

  public addTagsToResource(input: AddTagsToResourceRequest, _context: RequestContext): void {
    const { tags } = this.tagged(input);
    const added = input.Tags ?? [];
    if (new Set([...tags.keys(), ...added.map(({ Key }) => Key)]).size > LIMITS.tags) {
      throw new AwsError(
        'TooManyTagsError',
        'The Targets parameter includes too many tags. Remove one or more tags and try the command again.',
      );
    }
    for (const { Key = '', Value = '' } of added) tags.set(Key, Value);
  }

  public removeTagsFromResource(input: RemoveTagsFromResourceRequest, _context: RequestContext): void {
    const { tags } = this.tagged(input);
    for (const key of input.TagKeys ?? []) tags.delete(key);
  }

  public listTagsForResource(input: ListTagsForResourceRequest, _context: RequestContext): ListTagsForResourceResult {
    return { TagList: [...this.tagged(input).tags].map(([Key, Value]) => ({ Key, Value })) };
  }

  /**
   * The plain value of a parameter, as templates read it; undefined if there is none of that name, or it is a secure
   * string. What AWS publishes is there unless it was put.
   * @param reference a name or ARN, with or without a version
   */
  public parameter(reference: string): string | undefined {
    try {
      const { version } = this.store.findVersion(reference);
      return version.type === 'SecureString' ? undefined : version.value;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return publicParameter(parseReference(reference).name);
    }
  }

  /** Whether a parameter of that name was put. */
  public has(name: string): boolean {
    return this.store.find(name) !== undefined;
  }

  /** The parameters, for views. */
  public parameters(): ParameterView[] {
    return this.store.all.map((parameter) => {
      const { type, version } = latest(parameter);
      return { name: parameter.name, type, version };
    });
  }

  private remove(name: string): void {
    this.store.delete(name);
    this.dependencies.timeline.record('ssm.deleted', name);
  }

  private find(reference = ''): Parameter {
    const parameter = this.store.findBy(reference);
    if (parameter === undefined) throw parameterNotFound();
    return parameter;
  }

  private tagged(input: { readonly ResourceType?: string; readonly ResourceId?: string }): Parameter {
    if (input.ResourceType !== 'Parameter') {
      throw new AwsError('InvalidResourceType', `${input.ResourceType} is not emulated: only a Parameter has tags.`);
    }
    const parameter = this.store.findBy(input.ResourceId ?? '');
    if (parameter === undefined) throw invalidResourceId();
    return parameter;
  }

  private read(reference: string, decrypt: boolean, context: RequestContext): ParameterAnswer {
    const { parameter, version } = this.store.findVersion(reference);
    const { selector } = parseReference(reference);
    const answer = this.answer(parameter, version, decrypt, context);
    return selector === undefined ? answer : { ...answer, Selector: selector };
  }

  private answer(
    parameter: Parameter,
    version: ParameterVersion,
    decrypt: boolean,
    context: RequestContext,
  ): ParameterAnswer {
    return {
      Name: parameter.name,
      Type: version.type,
      Value: this.store.valueOf(parameter, version, decrypt, context),
      Version: version.version,
      LastModifiedDate: new Date(version.lastModified),
      ARN: parameter.arn,
      DataType: version.dataType,
    };
  }

  /** A parameter that AWS publishes, if none of its name was put. */
  private published(reference: string): ParameterAnswer | undefined {
    const { name } = parseReference(reference);
    const value = this.has(name) ? undefined : publicParameter(name);
    if (value === undefined) return undefined;
    const ARN = formatArn('ssm', this.dependencies.region, '', resourceOf(name));
    return {
      Name: name,
      Type: 'String',
      Value: value,
      Version: 1,
      LastModifiedDate: new Date(0),
      ARN,
      DataType: 'text',
    };
  }
}

function checkBatch(names: readonly string[]): void {
  new ModelConstraints().length('names', names, 1, LARGEST_BATCH).check('ValidationException');
}

function versionAt(parameter: Parameter, number: number | undefined): ParameterVersion {
  if (number === undefined) return latest(parameter);
  const version = parameter.versions.find((each) => each.version === number);
  if (version === undefined) throw versionNotFound(parameter.name, String(number));
  return version;
}

/** The version that a filter of labels asks for, or the current one. */
function versionBy(
  parameter: Parameter,
  filters: GetParametersByPathRequest['ParameterFilters'] = [],
): ParameterVersion {
  const labels = filters.find(({ Key }) => Key === 'Label')?.Values ?? [];
  return parameter.versions.find((version) => labels.some((label) => version.labels.has(label))) ?? latest(parameter);
}

function describe({ name, arn }: Parameter, version: ParameterVersion): ParameterMetadata {
  const { type, keyId, description, allowedPattern, tier, dataType, policies, lastModified, lastModifiedUser } =
    version;
  return {
    Name: name,
    ARN: arn,
    Type: type,
    ...(keyId !== undefined && { KeyId: keyId }),
    LastModifiedDate: new Date(lastModified),
    LastModifiedUser: lastModifiedUser,
    ...(description !== undefined && { Description: description }),
    ...(allowedPattern !== undefined && { AllowedPattern: allowedPattern }),
    Version: version.version,
    Tier: tier,
    Policies: policies.map(({ text, type: PolicyType }) => ({ PolicyText: text, PolicyType, PolicyStatus: 'Pending' })),
    DataType: dataType,
  };
}
