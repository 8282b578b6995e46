import type { LoadOptions } from './deployments';

interface LoadedAssembly {
  readonly directory: string;
  readonly stacks: Set<string>;
  readonly options: LoadOptions;
}

/** The folders that the deployed stacks were last loaded from, in the order in which to reload them. */
export class LoadedAssemblies {
  private entries: LoadedAssembly[] = [];

  public get assemblies(): readonly Pick<LoadedAssembly, 'directory' | 'options'>[] {
    return this.entries;
  }

  /** Records that a stack was loaded from `directory`. A folder that no stack uses any more is dropped. */
  public add(directory: string, stack: string, options: LoadOptions): void {
    const known = this.entries.find((entry) => entry.directory === directory && entry.options === options);
    this.remove(stack);
    if (known === undefined || known.stacks.size === 0)
      this.entries.push({ directory, stacks: new Set([stack]), options });
    else known.stacks.add(stack);
  }

  /** Records that a stack is gone. */
  public remove(stack: string): void {
    for (const { stacks } of this.entries) stacks.delete(stack);
    this.entries = this.entries.filter(({ stacks }) => stacks.size > 0);
  }

  public clear(): void {
    this.entries = [];
  }
}
