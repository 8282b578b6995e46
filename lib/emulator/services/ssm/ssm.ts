import { createHash } from 'node:crypto';

/** Above what every CDK application requires of the bootstrap stack. */
const BOOTSTRAP_VERSION = '30';

/** AWS Systems Manager's Parameter Store of one account and Region, as templates write and read it. */
export class Ssm {
  private readonly stored = new Map<string, string>();

  /**
   * The value of a parameter; undefined if there is none of that name. What AWS itself publishes, and what
   * `cdk bootstrap` leaves behind, is there unless it was put. Ids of images are made up, and the same on every run.
   */
  public parameter(name: string): string | undefined {
    return this.stored.get(name) ?? wellKnown(name);
  }

  /** Whether a parameter of that name was put. */
  public has(name: string): boolean {
    return this.stored.has(name);
  }

  /** Creates or replaces a parameter. */
  public put(name: string, value: string): void {
    this.stored.set(name, value);
  }

  /** Deletes a parameter; succeeds if it is already gone. */
  public delete(name: string): void {
    this.stored.delete(name);
  }
}

function wellKnown(name: string): string | undefined {
  if (/^\/cdk-bootstrap\/[^/]+\/version$/.test(name)) return BOOTSTRAP_VERSION;
  if (/^\/aws\/service\/.*(ami|image[-_]id)/.test(name)) {
    return `ami-${createHash('sha256').update(name).digest('hex').slice(0, 17)}`;
  }
  return undefined;
}
