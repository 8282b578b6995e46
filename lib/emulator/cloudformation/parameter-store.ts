import { createHash } from 'node:crypto';

/** Above what every CDK application requires of the bootstrap stack. */
const BOOTSTRAP_VERSION = '30';

/**
 * The value of a parameter in the Parameter Store: what the stacks and the user put there, else what AWS itself
 * publishes or `cdk bootstrap` leaves behind. Images get an id that is made up, and the same on every run.
 */
export function ssmParameter(stored: ReadonlyMap<string, string>, name: string): string | undefined {
  return stored.get(name) ?? wellKnown(name);
}

function wellKnown(name: string): string | undefined {
  if (/^\/cdk-bootstrap\/[^/]+\/version$/.test(name)) return BOOTSTRAP_VERSION;
  if (/^\/aws\/service\/.*(ami|image[-_]id)/.test(name)) {
    return `ami-${createHash('sha256').update(name).digest('hex').slice(0, 17)}`;
  }
  return undefined;
}
