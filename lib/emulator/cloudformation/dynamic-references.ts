import type { DeploymentContext } from './provider/deployment-context';
import { isObject, mapOfEntries, type Json } from './provider/json';

/** A value with its `{{resolve:…}}` references resolved. */
export interface DynamicReferences {
  readonly value: Json;
  /** The references that the emulator cannot resolve; they stay in the value. */
  readonly unsupported: readonly string[];
  /** The names of the Parameter Store's parameters that do not exist. */
  readonly missing: readonly string[];
}

/** Resolves the dynamic references to plain SSM parameters in all strings of `value`. */
export function followDynamicReferences(value: Json, parameter: DeploymentContext['parameter']): DynamicReferences {
  const unsupported: string[] = [];
  const missing: string[] = [];
  const inText = (text: string): string =>
    text.replace(/\{\{resolve:([^:}]+):([^}]+)\}\}/g, (reference, service: string, key: string) => {
      if (service !== 'ssm') {
        unsupported.push(reference);
        return reference;
      }
      const found = parameter(key); // a name, and a version if it is given
      if (found === undefined) missing.push(key);
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
