import { createHash } from 'node:crypto';

/** Above what every CDK application requires of the bootstrap stack. */
const BOOTSTRAP_VERSION = '30';

/**
 * What AWS itself publishes, and what `cdk bootstrap` leaves behind; undefined for other names. Ids of images are made
 * up, and the same on every run.
 */
export function publicParameter(name: string): string | undefined {
  if (/^\/cdk-bootstrap\/[^/]+\/version$/.test(name)) return BOOTSTRAP_VERSION;
  if (/^\/aws\/service\/.*(ami|image[-_]id)/.test(name)) {
    return `ami-${createHash('sha256').update(name).digest('hex').slice(0, 17)}`;
  }
  return undefined;
}
