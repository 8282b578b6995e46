import type { LifecycleRule } from '@aws-sdk/client-s3';
import { type Clock, DAY, type Timer } from '../../../clock';
import type { RequestContext } from '../../../core';
import type { Bucket } from '../buckets/bucket';
import type { MultipartActions } from '../multipart/multipart-actions';
import type { ObjectActions } from '../objects/object-actions';
import type { ObjectVersion } from '../objects/object-version';

/** Carries out the rules of buckets by which objects expire, once a day at midnight (UTC), as S3 does. */
export class Lifecycle {
  private timer?: Timer;

  constructor(
    private readonly clock: Clock,
    private readonly objects: ObjectActions,
    private readonly uploads: MultipartActions,
    private readonly buckets: () => Iterable<Bucket>,
  ) {}

  /** Waits for the next midnight, if there is a rule. */
  public start(): void {
    if (this.timer !== undefined || ![...this.buckets()].some(hasRules)) return;
    const next = (Math.floor(this.clock.now() / DAY) + 1) * DAY;
    this.timer = this.clock.schedule(next, () => this.run(), 'objects expire');
  }

  public stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private run(): void {
    this.timer = undefined;
    for (const bucket of this.buckets()) {
      for (const rule of bucket.lifecycle?.Rules ?? []) if (rule.Status === 'Enabled') this.apply(bucket, rule);
    }
    this.start();
  }

  private apply(bucket: Bucket, rule: LifecycleRule): void {
    const now = this.clock.now();
    const call = callOf(bucket);
    const expire = (version: ObjectVersion, versionId?: string) =>
      this.objects.remove(bucket, version.key, versionId, call, 'LifecycleExpiration');
    const { Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload } = rule;
    for (const version of [...bucket.objects.all()]) {
      if (!concerns(rule, version)) continue;
      const versions = bucket.objects.of(version.key);
      const position = versions.indexOf(version);
      if (position === 0) {
        if (!version.isDeleteMarker && isDue(Expiration ?? {}, version.lastModified, now)) expire(version);
        else if (version.isDeleteMarker && Expiration?.ExpiredObjectDeleteMarker === true && versions.length === 1) {
          expire(version, version.versionId);
        }
      } else if (NoncurrentVersionExpiration !== undefined) {
        const { NoncurrentDays, NewerNoncurrentVersions: kept = 0 } = NoncurrentVersionExpiration;
        // A version has been noncurrent since the next one was made.
        const since = versions[position - 1].lastModified;
        if (position > kept && isDue({ Days: NoncurrentDays }, since, now)) expire(version, version.versionId);
      }
    }
    const days = AbortIncompleteMultipartUpload?.DaysAfterInitiation;
    if (days === undefined) return;
    for (const upload of [...bucket.uploads.values()]) {
      const isOld = isDue({ Days: days }, upload.initiated, now);
      if (isOld && upload.key.startsWith(prefixOf(rule))) this.uploads.discard(bucket, upload);
    }
  }
}

function hasRules({ lifecycle }: Bucket): boolean {
  return lifecycle?.Rules?.some(({ Status }) => Status === 'Enabled') === true;
}

/** Days count from an object's creation, and end at the next midnight. */
function isDue({ Days, Date: date }: { Days?: number; Date?: Date }, since: number, now: number): boolean {
  if (date !== undefined) return now >= date.getTime();
  return Days !== undefined && now >= Math.ceil((since + Days * DAY) / DAY) * DAY;
}

function concerns(rule: LifecycleRule, { key, tags, content }: ObjectVersion): boolean {
  const { Filter } = rule;
  const wanted = [...(Filter?.Tag === undefined ? [] : [Filter.Tag]), ...(Filter?.And?.Tags ?? [])];
  const larger = Filter?.ObjectSizeGreaterThan ?? Filter?.And?.ObjectSizeGreaterThan ?? -1;
  const smaller = Filter?.ObjectSizeLessThan ?? Filter?.And?.ObjectSizeLessThan ?? Infinity;
  return (
    key.startsWith(prefixOf(rule)) &&
    wanted.every(({ Key, Value }) => tags.some((tag) => tag.Key === Key && tag.Value === Value)) &&
    content.size > larger &&
    content.size < smaller
  );
}

function prefixOf({ Filter, Prefix }: LifecycleRule): string {
  return Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '';
}

function callOf({ account, region }: Bucket): RequestContext {
  return { account, region, principal: 's3.amazonaws.com', endpoint: '' };
}
