import { validation } from '../errors';

/** Where a part of a parser notes the kinds of problems that it finds. */
export type ProblemNotes<Kind extends string> = Pick<Problems<Kind>, 'note'>;

/**
 * What is wrong with an expression beyond its syntax. AWS reads the whole expression first, and then reports the most
 * important kind of problem, wherever it is.
 */
export class Problems<Kind extends string> {
  private readonly first = new Map<Kind, string>();

  /** @param order the kinds of problems, the most important one first */
  constructor(private readonly order: readonly Kind[]) {}

  /** Notes a problem, unless there is one of its kind already. */
  public note(kind: Kind, message: string): void {
    if (!this.first.has(kind)) this.first.set(kind, message);
  }

  public has(kind: Kind): boolean {
    return this.first.has(kind);
  }

  /** The most important problem among `kinds`. */
  public worst(kinds: readonly Kind[] = this.order): string | undefined {
    const kind = kinds.find((each) => this.first.has(each));
    return kind === undefined ? undefined : this.first.get(kind);
  }

  /** @throws AwsError ValidationException with the most important problem, if there is any */
  public throwWorst(): void {
    const worst = this.worst();
    if (worst !== undefined) throw validation(worst);
  }
}
