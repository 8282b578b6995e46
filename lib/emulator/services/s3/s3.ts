/** Finds the local file or folder of an asset; undefined if it is none of the assembly's. */
export type AssetSource = (bucket: string, key: string) => string | undefined;

/** Amazon S3 of one account and Region, as far as it holds the assets of the assemblies that are deployed there. */
export class S3 {
  private readonly assets: AssetSource[] = [];

  /** Adds an assembly's assets. Those of earlier ones stay, as something may still run from them. */
  public addAssets(assets: AssetSource): void {
    if (!this.assets.includes(assets)) this.assets.unshift(assets); // an assembly may have many stacks here
  }

  /** The local file or folder of an asset, the newest assembly's first; undefined if there is none. */
  public asset(bucket: string, key: string): string | undefined {
    for (const find of this.assets) {
      const found = find(bucket, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
