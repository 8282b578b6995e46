/** Finds the local file or folder of an asset; undefined if it does not belong to the assembly. */
export type AssetSource = (bucket: string, key: string) => string | undefined;

/** The assets in Amazon S3 of one account and Region, which come from the assemblies deployed there. */
export class S3 {
  private readonly assets: AssetSource[] = [];

  /** Adds an assembly's assets. Those of earlier assemblies stay, since functions may still use them. */
  public addAssets(assets: AssetSource): void {
    if (!this.assets.includes(assets)) this.assets.unshift(assets); // several stacks of an assembly may deploy here
  }

  /** The local file or folder of an asset, from the newest assembly that has it; undefined if there is none. */
  public asset(bucket: string, key: string): string | undefined {
    for (const find of this.assets) {
      const found = find(bucket, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
