/** An input does not match its operation's schema: what is wrong, and where. */
export class MalformedInput extends Error {
  /** The path of the offending member, outermost first; list positions count from 1. */
  public readonly path: string[] = [];

  /** Prepends the container's name to the path. Returns this error, to be rethrown. */
  public within(step: string | number): this {
    this.path.unshift(String(step));
    return this;
  }

  /** The message, with the member if it is known. */
  public describe(): string {
    return this.path.length === 0 ? this.message : `${this.message} (at ${this.path.join('.')})`;
  }
}

/** Prepends `step` to the path of a {@link MalformedInput}; returns any other error as it is. */
export function located(error: unknown, step: string | number): unknown {
  return error instanceof MalformedInput ? error.within(step) : error;
}
