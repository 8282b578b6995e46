/** Input that does not fit its operation's schema: what is wrong, and where. */
export class MalformedInput extends Error {
  /** The way to the offending member, outermost first; list positions count from 1. */
  public readonly path: string[] = [];

  /** Adds the container's name in front of the path; gives itself, to be thrown on. */
  public within(step: string | number): this {
    this.path.unshift(String(step));
    return this;
  }

  /** The message, and the member where it is known. */
  public describe(): string {
    return this.path.length === 0 ? this.message : `${this.message} (at ${this.path.join('.')})`;
  }
}

/** Adds `step` to the path of an error on its way up, if it is one that has a path. */
export function located(error: unknown, step: string | number): unknown {
  return error instanceof MalformedInput ? error.within(step) : error;
}
