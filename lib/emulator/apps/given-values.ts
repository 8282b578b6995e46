import type { Region } from '../region/region';
import type { RequestContext } from '../core';

/** Values that stacks read and that no stack of the app makes. */
export interface GivenValues {
  /**
   * Values of the templates' parameters, by name: `Stage`, or `Orders:Stage` for that of one stack.
   * @default - the templates' defaults
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Parameters of the Parameter Store, by name, which each Region has before a stack is deployed to it.
   * @default - none
   */
  readonly ssm?: Readonly<Record<string, string>>;
  /**
   * Secrets, by name or ARN, which each Region has before a stack is deployed to it.
   * @default - none
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * Exports of stacks that are not in the app, by name.
   * @default - none
   */
  readonly exports?: Readonly<Record<string, string>>;
}

/** Images that AWS publishes the ids of: any id does, as instances here have no image. */
const IMAGE = /^\/aws\/service\/(?:ami-|ecs\/optimized-ami|eks\/optimized-ami|bottlerocket|canonical|debian|freebsd)/;
const IMAGE_ID = 'ami-0123456789abcdef0';

/** A parameter of the Parameter Store, as a template reads it: the Region's own, else one that AWS publishes. */
export function storedParameter({ services }: Region, reference: string): string | undefined {
  const own = services.ssm.parameter(reference);
  if (own !== undefined || !IMAGE.test(reference)) return own;
  return reference.endsWith('/recommended') ? JSON.stringify({ image_id: IMAGE_ID }) : IMAGE_ID;
}

/** The value of a dynamic reference to a secret. Its ARN may lack the suffix that AWS appends, or have another one. */
export function referencedSecret({ api }: Region, reference: string, call: RequestContext): string | undefined {
  const found = api.secretsmanager.resolve(reference, call);
  if (found !== undefined) return found;
  const [, name, rest = ''] = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:([^:]+)(:.*)?$/.exec(reference) ?? [];
  if (name === undefined) return undefined;
  return api.secretsmanager.resolve(name + rest, call) ?? api.secretsmanager.resolve(withoutSuffix(name) + rest, call);
}

/** Puts the given parameters and secrets into a Region that does not have them. */
export function provide({ ssm = {}, secrets = {} }: GivenValues, region: Region, call: RequestContext): void {
  for (const [Name, Value] of Object.entries(ssm)) {
    if (!region.services.ssm.has(Name)) region.api.ssm.putParameter({ Name, Value, Type: 'String' }, call);
  }
  const known = new Set(region.services.secretsmanager.secrets().map(({ name }) => name));
  for (const [id, SecretString] of Object.entries(secrets)) {
    const Name = id.startsWith('arn:') ? withoutSuffix(id.slice(id.lastIndexOf(':') + 1)) : id;
    if (!known.has(Name)) region.api.secretsmanager.createSecret({ Name, SecretString }, call);
  }
}

/** A secret's name in its ARN, without what AWS appends to it. */
function withoutSuffix(name: string): string {
  return name.replace(/-[A-Za-z0-9]{6}$/, '');
}
