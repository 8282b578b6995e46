import type { Random } from '../../clock';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const RANDOM_LENGTH = 12;

/** What is allowed of a physical name. */
export interface NameRules {
  /** How long it may be, suffix included. */
  readonly longest: number;
  /** What it must end in; default: nothing. */
  readonly suffix?: string;
}

/**
 * The name of a resource to which the template gives none: `<stack>-<logical id>-<random>`. Where that is too long,
 * CloudFormation shortens the logical id first, then the stack's name.
 */
export function physicalName(stackName: string, logicalId: string, random: Random, rules: NameRules): string {
  const suffix = rules.suffix ?? '';
  const room = rules.longest - RANDOM_LENGTH - suffix.length - 2;
  const id = logicalId.slice(0, Math.max(room - stackName.length, Math.floor(room / 2)));
  const stack = stackName.slice(0, room - id.length);
  return `${stack}-${id}-${randomPart(random)}${suffix}`;
}

function randomPart(random: Random): string {
  return Array.from({ length: RANDOM_LENGTH }, () => ALPHABET[random.integer(0, ALPHABET.length - 1)]).join('');
}
