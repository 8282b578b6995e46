import { RESOURCE_KINDS } from '../emulator';
import type { HandleOf, KindName } from '../emulator/services/testing';
import { kindOf } from '../emulator/testing';

/** Whether a value is a handle of this kind: `cloud.queue(…)`. */
export function isHandle<K extends KindName>(kind: K, value: unknown): value is HandleOf<K> {
  return value instanceof RESOURCE_KINDS[kind].handle;
}

/**
 * Checks that an argument is the handle of a resource: a construct is easily passed by mistake.
 * @param name its name in errors
 * @throws TypeError
 */
export function checkHandle(value: unknown, name: string, ...kinds: readonly KindName[]): void {
  if (kinds.some((kind) => isHandle(kind, value))) return;
  throw new TypeError(`${name} must be ${alternatives(kinds)}, but was ${kindOf(value)}`);
}

/** The methods that return resources of these kinds: `cloud.queue(…) or cloud.group(…)`. */
export function alternatives(kinds: readonly string[]): string {
  return kinds.map((kind) => `cloud.${kind}(…)`).join(' or ');
}
