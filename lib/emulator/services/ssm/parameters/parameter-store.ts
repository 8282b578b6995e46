import type { PutParameterRequest } from '@aws-sdk/client-ssm';
import type { Clock } from '../../../clock';
import { AwsError, formatArn, ModelConstraints, type RequestContext } from '../../../core';
import { alreadyExists, parameterNotFound, validation, versionNotFound } from '../errors';
import { LIMITS } from '../limits';
import type { ParameterEncryption } from '../ports';
import { checkName, parseReference, resourceOf } from './names';
import { latest, type Parameter, type ParameterVersion } from './parameter';
import { readPolicies } from './policies';

const DEFAULT_KEY = 'alias/aws/ssm';
const ADVANCED_GUIDE =
  'For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html';

/** What {@link ParameterStore} needs. */
export interface ParameterStoreDependencies {
  readonly clock: Pick<Clock, 'now'>;
  readonly account: string;
  readonly region: string;
  readonly encryption: () => ParameterEncryption;
}

/** The parameters of an account and Region, and their versions. */
export class ParameterStore {
  private readonly parameters = new Map<string, Parameter>();
  private advanced = 0;

  constructor(private readonly dependencies: ParameterStoreDependencies) {}

  /** All parameters, by name. */
  public get all(): Parameter[] {
    return [...this.parameters.keys()]
      .flatMap((name) => this.find(name) ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A parameter; undefined if there is none, or it has expired. */
  public find(name: string): Parameter | undefined {
    const parameter = this.parameters.get(name);
    if (parameter === undefined) return undefined;
    const now = this.dependencies.clock.now();
    if (!latest(parameter).policies.some(({ expiresAt = Infinity }) => expiresAt <= now)) return parameter;
    this.delete(name);
    return undefined;
  }

  /** A parameter by a name or ARN. At the top level, `/name` and `name` have the same ARN. */
  public findBy(reference: string): Parameter | undefined {
    const { name } = parseReference(reference);
    return this.find(name) ?? (reference.startsWith('arn:') ? this.find(`/${name}`) : undefined);
  }

  /** Finds a version by a name or ARN, with or without a version or label. */
  public findVersion(reference: string): { readonly parameter: Parameter; readonly version: ParameterVersion } {
    const { selector } = parseReference(reference);
    const parameter = this.findBy(reference);
    if (parameter === undefined) throw parameterNotFound();
    const { name } = parameter;
    if (selector === undefined) return { parameter, version: latest(parameter) };
    const wanted = selector.slice(1);
    const version = parameter.versions.find(({ version: number, labels }) =>
      /^\d+$/.test(wanted) ? number === Number(wanted) : labels.has(wanted),
    );
    if (version === undefined) throw versionNotFound(name, wanted);
    return { parameter, version };
  }

  /** Creates a parameter, or with Overwrite its next version. */
  public put(input: PutParameterRequest, caller: RequestContext): ParameterVersion {
    const { Name: reference = '', Overwrite: overwrite = false, Tags: tags = [] } = input;
    const { name } = parseReference(reference);
    checkName(name);
    checkInput(input);
    const existing = this.find(name);
    if (existing !== undefined && !overwrite) throw alreadyExists();
    if (overwrite && tags.length > 0) {
      throw validation(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove " +
          'overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or ' +
          'RemoveTagsFromResource.',
      );
    }
    const version = this.versionOf(input, name, existing, caller);
    if (existing === undefined) {
      const { account, region } = this.dependencies;
      const arn = formatArn('ssm', region, account, resourceOf(name));
      const tagged = new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
      this.parameters.set(name, { name, arn, versions: [version], tags: tagged });
    } else {
      makeRoom(existing);
      existing.versions.push(version);
    }
    if (version.tier === 'Advanced' && (existing === undefined || existing.versions.at(-2)?.tier === 'Standard')) {
      this.advanced++;
    }
    return version;
  }

  /** Deletes a parameter. Returns whether there was one. */
  public delete(name: string): boolean {
    const parameter = this.parameters.get(name);
    if (parameter !== undefined && latest(parameter).tier === 'Advanced') this.advanced--;
    return this.parameters.delete(name);
  }

  /** A version's value, as a caller gets it: the ciphertext of a secure string unless it asks for the plain text. */
  public valueOf(parameter: Parameter, version: ParameterVersion, decrypt: boolean, caller: RequestContext): string {
    if (version.type !== 'SecureString' || !decrypt) return version.value;
    const ciphertext = Buffer.from(version.value, 'base64');
    return this.dependencies.encryption().decrypt(ciphertext, { PARAMETER_ARN: parameter.arn }, caller);
  }

  private versionOf(
    input: PutParameterRequest,
    name: string,
    existing: Parameter | undefined,
    caller: RequestContext,
  ): ParameterVersion {
    const { clock, account, region, encryption } = this.dependencies;
    const previous = existing && latest(existing);
    const { Value: value = '', AllowedPattern: pattern = previous?.allowedPattern } = input;
    const type = input.Type ?? previous?.type;
    if (type === undefined) throw validation('A parameter type is required when you create a parameter.');
    if (previous !== undefined && previous.type !== type) {
      throw new AwsError(
        'HierarchyTypeMismatchException',
        "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a " +
          'parameter from a String type to a SecureString type. You must create a new, unique parameter.',
      );
    }
    checkAllowed(value, pattern);
    const policies = input.Policies === undefined ? (previous?.policies ?? []) : readPolicies(input.Policies);
    const tier = this.tierOf(input, value, policies.length > 0, previous);
    const keyId = type === 'SecureString' ? (input.KeyId ?? previous?.keyId ?? DEFAULT_KEY) : undefined;
    const arn = formatArn('ssm', region, account, resourceOf(name));
    const sealed = keyId === undefined ? undefined : encryption().encrypt(keyId, value, { PARAMETER_ARN: arn }, caller);
    const description = input.Description ?? previous?.description;
    return {
      version: (previous?.version ?? 0) + 1,
      value: sealed === undefined ? value : Buffer.from(sealed).toString('base64'),
      type,
      ...(keyId !== undefined && { keyId }),
      ...(description !== undefined && { description }),
      ...(pattern !== undefined && pattern !== '' && { allowedPattern: pattern }),
      tier,
      dataType: input.DataType ?? previous?.dataType ?? 'text',
      policies,
      lastModified: clock.now(),
      lastModifiedUser: caller.principal,
      labels: new Set(),
    };
  }

  private tierOf(
    { Tier: wanted }: PutParameterRequest,
    value: string,
    hasPolicies: boolean,
    previous: ParameterVersion | undefined,
  ): ParameterVersion['tier'] {
    const bytes = Buffer.byteLength(value);
    const needsAdvanced = bytes > LIMITS.standardValue || hasPolicies;
    const isFull = previous === undefined && this.parameters.size - this.advanced >= LIMITS.standardParameters;
    const tier =
      wanted === 'Intelligent-Tiering'
        ? needsAdvanced || isFull || previous?.tier === 'Advanced'
          ? 'Advanced'
          : 'Standard'
        : (wanted ?? previous?.tier ?? 'Standard');
    if (previous?.tier === 'Advanced' && tier === 'Standard') {
      throw validation(
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter " +
          'tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as ' +
          'a standard parameter. Be aware that you must recreate the parameter with the same or a smaller value.',
      );
    }
    if (tier === 'Standard' && bytes > LIMITS.standardValue) {
      throw validation(
        `Standard tier parameters support a maximum parameter value of ${LIMITS.standardValue} characters. To create a ` +
          `larger parameter value, upgrade the parameter to use the advanced-parameter tier. ${ADVANCED_GUIDE}`,
      );
    }
    if (bytes > LIMITS.advancedValue) {
      throw validation(
        `Advanced tier parameters support a maximum parameter value of ${LIMITS.advancedValue} characters.`,
      );
    }
    if (tier === 'Standard' && hasPolicies) {
      throw validation(`Parameter policies are supported only in the advanced-parameter tier. ${ADVANCED_GUIDE}`);
    }
    if (tier === 'Standard' ? isFull : previous === undefined && this.advanced >= LIMITS.advancedParameters) {
      throw new AwsError(
        'ParameterLimitExceeded',
        'You have exceeded the number of parameters for this AWS account. Delete one or more parameters and try again.',
      );
    }
    return tier;
  }
}

function checkInput(input: PutParameterRequest): void {
  const { AllowedPattern, DataType, Description, KeyId, Policies, Tier, Type, Value = '' } = input;
  new ModelConstraints()
    .length('description', Description, 0, 1_024)
    .oneOf('type', Type, ['SecureString', 'StringList', 'String'])
    .length('keyId', KeyId, 1, 256)
    .pattern('keyId', KeyId, '([a-zA-Z0-9:/_-]+)')
    .length('allowedPattern', AllowedPattern, 0, 1_024)
    .oneOf('tier', Tier, ['Standard', 'Advanced', 'Intelligent-Tiering'])
    .length('policies', Policies, 1, 4_096)
    .length('dataType', DataType, 0, 128)
    .length('value', Value, 1, Infinity, true)
    .check('ValidationException');
  if (DataType !== undefined && !['text', 'aws:ec2:image', 'aws:ssm:integration'].includes(DataType)) {
    throw validation(`The following data type is not supported: ${DataType} (Data type names are all lowercase.)`);
  }
  if (KeyId !== undefined && Type !== undefined && Type !== 'SecureString') {
    throw validation('KeyId is only allowed for parameters of the type SecureString.');
  }
}

function checkAllowed(value: string, pattern: string | undefined): void {
  if (pattern === undefined || pattern === '') return;
  let regex;
  try {
    regex = new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new AwsError(
      'InvalidAllowedPatternException',
      `The request does not meet the regular expression requirement: ${pattern}`,
    );
  }
  if (regex.test(value)) return;
  throw new AwsError(
    'ParameterPatternMismatchException',
    `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
  );
}

/** Drops the oldest version of a parameter that has as many as there may be. */
function makeRoom({ name, versions }: Parameter): void {
  if (versions.length < LIMITS.versions) return;
  const [oldest] = versions;
  if (oldest.labels.size > 0) {
    throw new AwsError(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. ` +
        `Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. ` +
        'Move the label to another version of the parameter, and try again.',
    );
  }
  versions.shift();
}
