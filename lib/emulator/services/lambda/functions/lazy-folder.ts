/** A folder that is made when it is first used: the CDK's own layers are large, and their functions often never run. */
export class LazyFolder {
  private made?: string;

  /** @param make makes the folder and returns its path */
  constructor(private readonly make: () => string) {}

  public get path(): string {
    return (this.made ??= this.make());
  }

  /** Its path, if it has been made. */
  public get pathIfMade(): string | undefined {
    return this.made;
  }
}
