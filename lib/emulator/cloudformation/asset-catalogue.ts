/** Which local file or folder each published asset comes from. */
export class AssetCatalogue {
  private readonly byKey = new Map<string, { bucket: RegExp; path: string }[]>();

  /** @param bucketName may hold placeholders such as `${AWS::AccountId}`, for which a deployment puts its own values */
  public add(bucketName: string, objectKey: string, path: string): void {
    const destinations = this.byKey.get(objectKey) ?? [];
    destinations.push({ bucket: pattern(bucketName), path });
    this.byKey.set(objectKey, destinations);
  }

  public find(bucket: string, key: string): string | undefined {
    return this.byKey.get(key)?.find((destination) => destination.bucket.test(bucket))?.path;
  }
}

function pattern(bucketName: string): RegExp {
  const literals = bucketName.split(/\$\{AWS::\w+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('[a-z0-9-]+')}$`);
}
