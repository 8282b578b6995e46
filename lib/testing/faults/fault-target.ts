import { kindOf } from '../kind-of';
import { LocalAlarm } from '../local-alarm';
import { LocalFunction } from '../local-function';
import { LocalGroup } from '../local-group';
import { LocalQueue } from '../local-queue';

const KINDS = { queue: LocalQueue, function: LocalFunction, group: LocalGroup, alarm: LocalAlarm };

/**
 * Checks that a fault's target is of a kind that it can affect: a construct is easily passed by mistake.
 * @param name its name in errors
 * @throws TypeError
 */
export function checkTarget(target: unknown, name: string, ...kinds: (keyof typeof KINDS)[]): void {
  if (kinds.some((kind) => target instanceof KINDS[kind])) return;
  const wanted = kinds.map((kind) => `cloud.${kind}(…)`).join(' or ');
  throw new TypeError(`${name} must be ${wanted}, but was ${kindOf(target)}`);
}
