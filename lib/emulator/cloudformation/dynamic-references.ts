import type { DeploymentContext } from './provider/deployment-context';
import { missingParameter } from './parameters';
import { isObject, mapOfEntries, type Json } from './provider/json';

/** A value with its `{{resolve:…}}` references resolved. */
export interface DynamicReferences {
  readonly value: Json;
  /** The references that the emulator cannot resolve; they stay in the value. */
  readonly unsupported: readonly string[];
  /** What does not exist, for error messages: parameters and secrets by name. */
  readonly missing: readonly string[];
}

/** Resolves the dynamic references to plain SSM parameters and to secrets in all strings of `value`. */
export function followDynamicReferences(
  value: Json,
  { parameter, secret }: Pick<DeploymentContext, 'parameter' | 'secret'>,
): DynamicReferences {
  const unsupported: string[] = [];
  const missing: string[] = [];
  const inText = (text: string): string =>
    text.replace(/\{\{resolve:([^:}]+):([^}]+)\}\}/g, (reference, service: string, key: string) => {
      if (service !== 'ssm' && service !== 'secretsmanager') {
        unsupported.push(reference);
        return reference;
      }
      // A parameter has a name, and a version if it is given.
      const found = service === 'ssm' ? parameter(key) : secret(key);
      if (found === undefined) {
        missing.push(service === 'ssm' ? missingParameter(key) : missingSecret(key));
      }
      return found ?? reference;
    });
  const inValue = (part: Json): Json => {
    if (typeof part === 'string') return part.includes('{{resolve:') ? inText(part) : part;
    if (Array.isArray(part)) return part.map(inValue);
    if (isObject(part)) return mapOfEntries(Object.entries(part).map(([name, item]) => [name, inValue(item)]));
    return part;
  };
  return { value: inValue(value), unsupported, missing };
}

function missingSecret(reference: string): string {
  const name = /^arn:(?:[^:]*:){5}[^:]*/.exec(reference)?.[0] ?? reference.split(':')[0];
  return `there is no secret ${reference}: give it by \`--secret ${name}=value\` or the option secrets`;
}
