import type { Random } from '../../clock';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const RANDOM_LENGTH = 12;

/** The constraints on a physical name. */
export interface NameRules {
  /** The most characters, including the suffix. */
  readonly longest: number;
  /** The required suffix. @default - none */
  readonly suffix?: string;
}

/**
 * The name of a resource that the template does not name: `<stack>-<logical id>-<random>`. If that is too long,
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
