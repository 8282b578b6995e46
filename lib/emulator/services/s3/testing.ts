import { LocalResource, resourceKind, type ServiceTesting, subjectOf, type Verdict, verdict } from '../../testing';
import type { S3 } from './s3';

/** A bucket of a local cloud. */
export class LocalBucket extends LocalResource<S3, undefined> {
  /** The keys of its objects, in the order of their bytes. */
  public get keys(): readonly string[] {
    return this.service.keys(this.name) ?? [];
  }

  /**
   * Puts an object, as the account's root user: what the bucket notifies is notified. Text is put as it is, all else but
   * bytes as JSON. Resolves to the object's ETag, in quotes.
   * @throws AwsError AWS's error if S3 refuses the object
   */
  public async put(key: string, body: unknown): Promise<string> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const bytes = body instanceof Uint8Array ? body : Buffer.from(text);
    const { ETag } = await this.service.putBytes({ Bucket: this.name, Key: key }, bytes, this.context.caller);
    return String(ETag);
  }

  /**
   * The object's content as text.
   * @throws AwsError NoSuchKey if there is no such object
   */
  public text(key: string): string {
    return this.service.text(this.name, key, this.context.caller);
  }

  /** Deletes an object, as the account's root user. Does nothing if there is none. */
  public delete(key: string): void {
    this.service.deleteObject({ Bucket: this.name, Key: key }, this.context.caller);
  }
}

const matchers = {
  /** Of a bucket: it has an object with this key, and if a text is given, with this content. */
  toHaveObject(received: unknown, key: string, text?: string): Verdict {
    const bucket = subjectOf(LocalBucket, received, 'toHaveObject', 'cloud.bucket(…)');
    const isThere = bucket.keys.includes(key);
    const found = isThere && (text === undefined || bucket.text(key) === text);
    const wanted = `the object ${JSON.stringify(key)}${text === undefined ? '' : ` with ${JSON.stringify(text)}`}`;
    const others = isThere
      ? `its content is ${JSON.stringify(bucket.text(key).slice(0, 200))}`
      : `it has ${bucket.keys.length === 0 ? 'none' : bucket.keys.slice(0, 20).join(', ')}`;
    return verdict(
      bucket,
      found,
      () => `expected ${bucket.label} to have ${wanted}, but ${others}`,
      () => `expected ${bucket.label} not to have ${wanted}`,
    );
  },
};

const kinds = {
  /**
   * Returns a bucket.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  bucket: resourceKind({
    name: 'bucket',
    types: ['AWS::S3::Bucket'],
    held: ['bucket'],
    importedBy: 'bucketArn',
    nameIn: (text) => /^arn:[^:]*:s3:::([^/]+)$/.exec(text)?.[1] ?? text,
    exists: (service: S3, name) => service.keys(name) !== undefined,
    handle: LocalBucket,
  }),
};

/** What tests get of S3. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = { kinds, matchers };
