import type { Tag } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../core';
import { type Clock, MINUTE } from '../../clock';
import { checkLength, invalidParameterValue, missingParameter } from './errors';

const MOST_TAGS = 50;
/** How long a deleted resource still returns an empty list of tags. AWS documents no figure. */
const LINGERS_FOR = MINUTE;

/** The tags of alarms and dashboards, by ARN. */
export class Tags {
  private readonly byArn = new Map<string, Map<string, string>>();
  /** The deletion times of resources, earliest first. */
  private readonly deletedAt = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Validates the tags of a new resource. */
  public check(tags: readonly Tag[] | undefined): void {
    merged(new Map(), tags ?? []);
  }

  /** Sets the tags of a new resource. */
  public create(arn: string, tags: readonly Tag[] | undefined): void {
    this.byArn.set(arn, merged(new Map(), tags ?? []));
    this.deletedAt.delete(arn);
  }

  /** Sets AWS's own tags, with the prefix `aws:`, on an existing resource. */
  public setSystem(arn: string, tags: Readonly<Record<string, string>>): void {
    const known = this.byArn.get(arn);
    for (const [key, value] of Object.entries(tags)) known?.set(key, value);
  }

  /** Removes the tags of a deleted resource. */
  public delete(arn: string): void {
    this.byArn.delete(arn);
    this.deletedAt.delete(arn);
    for (const [other, at] of this.deletedAt) {
      if (this.lingers(at)) break;
      this.deletedAt.delete(other);
    }
    this.deletedAt.set(arn, this.clock.now());
  }

  /** @throws AwsError if there is no such resource */
  public tag(arn: string | undefined, tags: readonly Tag[] | undefined): void {
    const known = this.of(arn);
    if (tags === undefined) throw missingParameter('Tags');
    this.byArn.set(arn as string, merged(known, tags));
  }

  /** @throws AwsError if there is no such resource */
  public untag(arn: string | undefined, keys: readonly string[] | undefined): void {
    const known = this.of(arn);
    if (keys === undefined) throw missingParameter('TagKeys');
    const reserved = keys.find(isReserved);
    if (reserved !== undefined) throw invalidParameterValue(`The tag key ${reserved} is invalid: aws: is reserved.`);
    for (const key of keys) known.delete(key);
  }

  /**
   * Lists a resource's tags; an empty list if it was deleted recently.
   * @throws AwsError if there is no such resource
   */
  public list(arn: string | undefined): Tag[] {
    if (arn !== undefined && this.lingers(this.deletedAt.get(arn) ?? -Infinity)) return [];
    return [...this.of(arn)].map(([Key, Value]) => ({ Key, Value }));
  }

  private lingers(deletedAt: number): boolean {
    return this.clock.now() < deletedAt + LINGERS_FOR;
  }

  private of(arn: string | undefined): Map<string, string> {
    if (arn === undefined) throw missingParameter('ResourceARN');
    checkLength(arn, 'resourceARN', 1, 1_024);
    const tags = this.byArn.get(arn);
    if (tags !== undefined) return tags;
    if (!/^arn:[^:]+:cloudwatch:[^:]*:[^:]*:(alarm:|dashboard\/)./.test(arn)) {
      throw invalidParameterValue(
        `The value ${arn} for parameter ResourceARN is invalid: alarms and dashboards have tags.`,
      );
    }
    throw new AwsError('ResourceNotFoundException', `Unknown resource: ${arn}`, { status: 404 });
  }
}

/** Merges tags: all of them, or none if one is invalid. */
function merged(known: ReadonlyMap<string, string>, tags: readonly Tag[]): Map<string, string> {
  const all = new Map(known);
  const given = new Set<string>();
  for (const [index, { Key, Value }] of tags.entries()) {
    const at = `tags.${index + 1}.member`;
    if (Key === undefined) throw missingParameter(`Tags.member.${index + 1}.Key`);
    if (Value === undefined) throw missingParameter(`Tags.member.${index + 1}.Value`);
    checkLength(Key, `${at}.key`, 1, 128);
    checkLength(Value, `${at}.value`, 0, 256);
    if (isReserved(Key)) throw invalidParameterValue(`The tag key ${Key} is invalid: aws: is reserved.`);
    if (given.has(Key)) throw invalidParameterValue(`The tag key ${Key} is given twice.`);
    given.add(Key);
    all.set(Key, Value);
  }
  // AWS's own tags don't count.
  const count = [...all.keys()].filter((key) => !isReserved(key)).length;
  if (count > MOST_TAGS) {
    throw invalidParameterValue(`A resource can have at most ${MOST_TAGS} tags, and this one would have ${count}.`);
  }
  return all;
}

function isReserved(key: string): boolean {
  return /^aws:/i.test(key);
}
