import type {
  ListTagsRequest,
  ListTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-lambda';
import { parseArn } from '../../core';
import { constraintViolation, functionNotFound, invalidParameter, resourceNotFound } from './errors';

const MOST_TAGS = 50;
const RESOURCE =
  /^arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}(-[a-z]+)+-\d:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|event-source-mapping:[0-9a-f-]{36})$/i;

/** The tags of functions and event source mappings. */
export class ResourceTags {
  private readonly tags = new Map<string, Record<string, string>>();

  /** @param exists whether there is a function or mapping with this ARN */
  constructor(private readonly exists: (arn: string) => boolean) {}

  /** The tags of an existing resource. */
  public of(arn: string): Readonly<Record<string, string>> {
    return this.tags.get(arn) ?? {};
  }

  /** Validates the tags of a new resource. */
  public check(tags: Readonly<Record<string, string>> = {}): void {
    refuseReserved(Object.keys(tags));
    checkTags(tags);
  }

  /** Sets the tags of a new resource. Throws if there are too many. */
  public begin(arn: string, tags: Readonly<Record<string, string>> = {}): void {
    this.check(tags);
    if (Object.keys(tags).length > 0) this.tags.set(arn, { ...tags });
  }

  /** Replaces the tags of a resource, except AWS's own. */
  public replace(arn: string, tags: Readonly<Record<string, string>> = {}): void {
    checkTags(tags);
    const system = Object.entries(this.of(arn)).filter(([key]) => isReserved(key));
    this.tags.set(arn, { ...tags, ...Object.fromEntries(system) });
  }

  /** Sets AWS's own tags, with the prefix `aws:`. */
  public setSystem(arn: string, tags: Readonly<Record<string, string>>): void {
    this.tags.set(arn, { ...this.of(arn), ...tags });
  }

  /** Removes the tags of a deleted resource. */
  public end(arn: string): void {
    this.tags.delete(arn);
  }

  public tag(input: TagResourceRequest): void {
    const arn = this.find(input.Resource);
    const { Tags: added = {} } = input;
    if (Object.keys(added).length === 0) {
      throw invalidParameter('An error occurred and the request cannot be processed.');
    }
    refuseReserved(Object.keys(added));
    const tags = { ...this.of(arn), ...added };
    checkTags(tags);
    this.tags.set(arn, tags);
  }

  public untag(input: UntagResourceRequest): void {
    const arn = this.find(input.Resource);
    const removed = input.TagKeys ?? [];
    refuseReserved(removed);
    this.tags.set(arn, Object.fromEntries(Object.entries(this.of(arn)).filter(([key]) => !removed.includes(key))));
  }

  public list(input: ListTagsRequest): ListTagsResponse {
    return { Tags: { ...this.of(this.find(input.Resource)) } };
  }

  private find(arn = ''): string {
    if (!RESOURCE.test(arn)) {
      const constraint = `Member must satisfy regular expression pattern: ${RESOURCE.source}`;
      throw constraintViolation('resource', arn, constraint);
    }
    const [kind, , qualifier] = parseArn(arn)?.resource.split(':') ?? [];
    if (kind === 'function' && qualifier !== undefined) {
      throw invalidParameter('Tags on function aliases and versions are not supported. Please specify a function ARN.');
    }
    if (this.exists(arn)) return arn;
    throw kind === 'function' ? functionNotFound(arn) : resourceNotFound(`Event source mapping not found: ${arn}`);
  }
}

function checkTags(tags: Readonly<Record<string, string>>): void {
  // AWS's own tags don't count.
  const entries = Object.entries(tags).filter(([key]) => !isReserved(key));
  if (entries.length > MOST_TAGS) throw invalidParameter('Number of tags exceeds resource tag limit.');
  for (const [key, value] of entries) {
    if (key.length < 1 || key.length > 128) {
      throw constraintViolation('tags', key, 'Map keys must have length between 1 and 128');
    }
    if (value.length > 256) throw constraintViolation('tags', value, 'Map values must have length of 256 at most');
  }
}

function isReserved(key: string): boolean {
  return /^aws:/i.test(key);
}

function refuseReserved(keys: readonly string[]): void {
  if (!keys.some(isReserved)) return;
  throw invalidParameter('aws: prefixed tag key names are not allowed for external use.');
}
