import type { ParameterType } from '@aws-sdk/client-ssm';
import { LocalResource, resourceKind, type ServiceTesting } from '../../testing';
import type { Ssm } from './ssm';

/** A version of a parameter. */
export interface LocalParameterVersion {
  readonly version: number;
  /** Decrypted, if it is a secure string. */
  readonly value: string;
  readonly labels: readonly string[];
}

/** A parameter of Parameter Store in a local cloud. */
export class LocalParameter extends LocalResource<Ssm, undefined> {
  /** Its value; of a secure string, decrypted. */
  public get value(): string {
    return this.current.Value ?? '';
  }

  /** `String`, `StringList` or `SecureString`. */
  public get type(): ParameterType {
    return this.current.Type ?? 'String';
  }

  /** The number of the current version. */
  public get version(): number {
    return this.current.Version ?? 0;
  }

  /** The versions that AWS keeps, oldest first: up to 100. */
  public get versions(): readonly LocalParameterVersion[] {
    const versions: LocalParameterVersion[] = [];
    let NextToken: string | undefined;
    do {
      const input = { Name: this.name, WithDecryption: true, NextToken };
      const page = this.service.getParameterHistory(input, this.context.caller);
      for (const { Version: version = 0, Value: value = '', Labels: labels = [] } of page.Parameters ?? []) {
        versions.push({ version, value, labels });
      }
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    return versions;
  }

  /**
   * Sets its value, as the account's root user. Returns the number of the new version.
   * @throws AwsError AWS's error if Parameter Store refuses the value
   */
  public put(value: string): number {
    const input = { Name: this.name, Value: value, Overwrite: true };
    return this.service.putParameter(input, this.context.caller).Version ?? 0;
  }

  private get current() {
    const { Parameter = {} } = this.service.getParameter(
      { Name: this.name, WithDecryption: true },
      this.context.caller,
    );
    return Parameter;
  }
}

const kinds = {
  /**
   * Returns a parameter of Parameter Store.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  parameter: resourceKind({
    name: 'parameter',
    types: ['AWS::SSM::Parameter'],
    held: ['parameter'],
    importedBy: 'parameterArn',
    nameIn: parameterNameIn,
    exists: (service: Ssm, name) => service.has(name),
    handle: LocalParameter,
  }),
};

/** The name in an ARN, which leaves out the slash that a path begins with; other texts are names. */
function parameterNameIn(text: string): string {
  const name = /^arn:[^:]*:ssm:[^:]*:[^:]*:parameter\/(.+)$/.exec(text)?.[1];
  if (name === undefined) return text;
  return name.includes('/') ? `/${name}` : name;
}

/** What tests get of Parameter Store. */
export const testing: ServiceTesting<typeof kinds> = { kinds, matchers: {} };
