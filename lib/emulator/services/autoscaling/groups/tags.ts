import type {
  CreateOrUpdateTagsType,
  DeleteTagsType,
  DescribeTagsType,
  Tag,
  TagDescription,
  TagsType,
} from '@aws-sdk/client-auto-scaling';
import { page } from '../../../core';
import { checkOneOf, checkRecords, invalidNextToken, missing, validationError } from '../errors';
import type { Group } from './group';
import type { Groups } from './groups';

const RESOURCE_TYPE = 'auto-scaling-group';
const MOST_TAGS = 50;

/** Validates a group's tags, and returns them by key. */
export function readTags(tags: readonly Tag[]): Map<string, Tag> {
  checkCount(tags);
  return new Map(tags.map((tag) => [checkedKey(tag), tag]));
}

export function describeTag(group: Pick<Group, 'name'>, tag: Tag): TagDescription {
  return {
    Key: tag.Key,
    Value: tag.Value ?? '',
    PropagateAtLaunch: tag.PropagateAtLaunch ?? false,
    ResourceId: group.name,
    ResourceType: RESOURCE_TYPE,
  };
}

/** The tags of groups. */
export class Tags {
  constructor(private readonly groups: Groups) {}

  public createOrUpdate({ Tags: tags }: CreateOrUpdateTagsType): void {
    for (const [group, tag] of this.named(tags))
      checkCount([...new Map(group.tags).set(checkedKey(tag), tag).values()]);
    for (const [group, tag] of this.named(tags)) group.tags.set(checkedKey(tag), tag);
  }

  /** Sets AWS's own tags, with the prefix `aws:`. */
  public setSystem(groupName: string, tags: Readonly<Record<string, string>>): void {
    const group = this.groups.find(groupName);
    for (const [Key, Value] of Object.entries(tags)) group.tags.set(Key, { Key, Value, PropagateAtLaunch: true });
  }

  /** Deletes tags with a key, and with a value if the request names one. */
  public delete({ Tags: tags }: DeleteTagsType): void {
    for (const [group, tag] of this.named(tags)) {
      const existing = group.tags.get(checkedKey(tag));
      if (tag.Value === undefined || existing?.Value === tag.Value) group.tags.delete(checkedKey(tag));
    }
  }

  public describe({ Filters: filters = [], MaxRecords: size = 50, NextToken }: DescribeTagsType): TagsType {
    checkRecords(size);
    const all = this.groups.all().flatMap((group) => [...group.tags.values()].map((tag) => describeTag(group, tag)));
    const wanted = all.filter((tag) =>
      filters.every(({ Name, Values = [] }) => Values.includes(String(valueOf(tag, Name)))),
    );
    const { items, nextToken } = page(wanted, size, NextToken, invalidNextToken);
    return { Tags: items, NextToken: nextToken };
  }

  private named(tags: readonly Tag[] | undefined): [Group, Tag][] {
    if (tags === undefined) throw missing('Tags');
    return tags.map((tag) => {
      checkOneOf('ResourceType', tag.ResourceType, [RESOURCE_TYPE]);
      if (tag.ResourceId === undefined) throw missing('Tags.1.ResourceId');
      return [this.groups.find(tag.ResourceId), tag];
    });
  }
}

/** Validates a tag, and returns its key. */
function checkedKey({ Key: key, Value: value = '' }: Tag): string {
  if (key === undefined) throw missing('Tags.1.Key');
  if (key.length < 1 || key.length > 128 || isReserved(key)) {
    throw validationError(
      `The tag key ${key} is invalid: 1 to 128 characters that do not begin with aws: are allowed.`,
    );
  }
  if (value.length > 256)
    throw validationError(`The value of the tag ${key} must have at most 256 characters, but had ${value.length}.`);
  return key;
}

function valueOf(tag: TagDescription, filter: string | undefined): string | boolean | undefined {
  switch (filter) {
    case 'auto-scaling-group':
      return tag.ResourceId;
    case 'key':
      return tag.Key;
    case 'value':
      return tag.Value;
    case 'propagate-at-launch':
      return tag.PropagateAtLaunch;
    default:
      throw validationError(
        `The filter ${filter} is invalid: auto-scaling-group, key, value, propagate-at-launch are allowed.`,
      );
  }
}

function checkCount(tags: readonly Tag[]): void {
  // AWS's own tags don't count.
  const own = tags.filter(({ Key = '' }) => !isReserved(Key));
  if (own.length > MOST_TAGS)
    throw validationError(`An Auto Scaling group can have at most ${MOST_TAGS} tags, got ${own.length}.`);
}

function isReserved(key: string): boolean {
  return /^aws:/i.test(key);
}
