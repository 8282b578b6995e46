import type { Filter, ListSecretsRequest, SecretListEntry } from '@aws-sdk/client-secrets-manager';
import { DAY } from '../../../clock';
import { invalidParameter } from '../errors';
import type { Secret } from './secret';

const KEYS = ['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all'];

/** Whether a secret passes all filters. A value with `!` before it excludes. */
export function filterBy(filters: readonly Filter[] = []): (secret: Secret) => boolean {
  for (const { Key = '' } of filters) if (!KEYS.includes(Key)) throw invalidParameter(`Invalid filter key: ${Key}.`);
  return (secret) =>
    filters.every(({ Key = '', Values = [] }) => {
      const texts = textsOf(secret, Key);
      return Values.some((value) =>
        value.startsWith('!') ? !matches(texts, value.slice(1), Key) : matches(texts, value, Key),
      );
    });
}

/** The order that ListSecrets asks for; by default, of creation. */
export function orderBy({ SortBy: by = 'created-date', SortOrder: order = 'desc' }: ListSecretsRequest) {
  const keys: Record<string, (secret: Secret) => number | string> = {
    'created-date': ({ createdAt }) => createdAt,
    'last-accessed-date': ({ accessedAt = 0 }) => accessedAt,
    'last-changed-date': ({ changedAt }) => changedAt,
    name: ({ name }) => name,
  };
  const key = keys[by];
  if (key === undefined) throw invalidParameter(`Invalid SortBy: ${by}.`);
  const sign = order === 'asc' ? 1 : -1;
  return (one: Secret, other: Secret): number => {
    const [a, b] = [key(one), key(other)];
    return a === b ? 0 : a < b ? -sign : sign;
  };
}

/** What DescribeSecret and ListSecrets have in common. */
export function describeSecret(secret: Secret): SecretListEntry {
  const { name, arn, createdAt, changedAt, accessedAt, description, keyId, rotation, deletion, tags, type } = secret;
  return {
    ARN: arn,
    Name: name,
    ...(type !== undefined && { Type: type }),
    ...(description !== undefined && description !== '' && { Description: description }),
    ...(keyId !== undefined && { KmsKeyId: keyId }),
    ...(rotation !== undefined && {
      RotationEnabled: rotation.enabled,
      RotationLambdaARN: rotation.functionArn,
      RotationRules: rotation.rules,
      ...(rotation.lastRotatedAt !== undefined && { LastRotatedDate: new Date(rotation.lastRotatedAt) }),
      ...(rotation.nextAt !== undefined && { NextRotationDate: new Date(rotation.nextAt) }),
    }),
    LastChangedDate: new Date(changedAt),
    // AWS keeps the day only.
    ...(accessedAt !== undefined && { LastAccessedDate: new Date(Math.floor(accessedAt / DAY) * DAY) }),
    ...(deletion !== undefined && { DeletedDate: new Date(deletion.at) }),
    ...(tags.size > 0 && { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }),
    CreatedDate: new Date(createdAt),
  };
}

/** The staging labels of each version that has any. */
export function stagesOf({ versions }: Secret): Record<string, string[]> {
  return Object.fromEntries([...versions].flatMap(([id, { stages }]) => (stages.size > 0 ? [[id, [...stages]]] : [])));
}

/** A name is found by its beginning, in its case; other texts by the beginnings of their words, in any case. */
function matches(texts: readonly string[], value: string, key: string): boolean {
  if (key === 'name' || key.startsWith('tag-')) return texts.some((text) => text.startsWith(value));
  const wanted = value.toLowerCase();
  return texts.some((text) => {
    const lower = text.toLowerCase();
    return lower.startsWith(wanted) || lower.split(/[^a-z0-9]+/).some((word) => word.startsWith(wanted));
  });
}

function textsOf({ name, description = '', tags }: Secret, key: string): readonly string[] {
  switch (key) {
    case 'name':
      return [name];
    case 'description':
      return [description];
    case 'tag-key':
      return [...tags.keys()];
    case 'tag-value':
      return [...tags.values()];
    case 'all':
      return [name, description, ...tags.keys(), ...tags.values()];
    default:
      return []; // no secret is replicated, and none belongs to another service
  }
}
