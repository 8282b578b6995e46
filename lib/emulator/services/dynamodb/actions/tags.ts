import type {
  ListTagsOfResourceInput,
  ListTagsOfResourceOutput,
  Tag,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-dynamodb';
import { parseArn } from '../../../core';
import { taggedResourceNotFound, validation } from '../errors';
import { LIMITS } from '../limits';
import type { Table } from '../table/table';
import type { Tables } from '../tables';
import { Violations } from '../violations';

const PAGE = 10;

export function tagResource(tables: Tables, { ResourceArn, Tags }: TagResourceInput): void {
  const table = taggedTable(tables, ResourceArn);
  const violations = new Violations();
  violations.required('tags', Tags);
  violations.throwAny();
  if (Tags?.length === 0) throw validation('Atleast one Tag needs to be provided as Input.');
  addTags(table.tags, Tags ?? []);
}

export function untagResource(tables: Tables, { ResourceArn, TagKeys }: UntagResourceInput): void {
  const table = taggedTable(tables, ResourceArn);
  const violations = new Violations();
  violations.required('tagKeys', TagKeys);
  violations.throwAny();
  if (TagKeys?.length === 0) throw validation('Atleast one Tag Key needs to be provided as Input.');
  for (const key of TagKeys ?? []) table.tags.delete(key);
}

export function listTagsOfResource(
  tables: Tables,
  { ResourceArn, NextToken }: ListTagsOfResourceInput,
): ListTagsOfResourceOutput {
  const { tags } = taggedTable(tables, ResourceArn);
  const start = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isSafeInteger(start) || start < 0) throw validation('Invalid NextToken');
  const all = [...tags].map(([Key, Value]) => ({ Key, Value }));
  const end = start + PAGE;
  return { Tags: all.slice(start, end), ...(end < all.length && { NextToken: String(end) }) };
}

/** Adds tags to a table's, after checking all of them. */
export function addTags(tags: Map<string, string>, added: readonly Tag[]): void {
  const violations = new Violations();
  added.forEach(({ Key, Value }, index) => {
    const where = `tags.${index + 1}.member`;
    violations.required(`${where}.key`, Key);
    violations.length(`${where}.key`, Key, 1, 128);
    violations.required(`${where}.value`, Value);
    violations.length(`${where}.value`, Value, 0, 256);
  });
  violations.throwAny();
  const keys = added.map(({ Key = '' }) => Key);
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice !== undefined) {
    throw validation(`One or more parameter values were invalid: Duplicate tag key: ${twice}`);
  }
  const reserved = keys.find((key) => key.toLowerCase().startsWith('aws:'));
  if (reserved !== undefined) throw validation(`Tag keys must not begin with the reserved prefix aws: ${reserved}`);
  if (new Set([...tags.keys(), ...keys]).size > LIMITS.tags) {
    throw validation(`One or more parameter values were invalid: Too many tags: a table has at most ${LIMITS.tags}`);
  }
  for (const { Key = '', Value = '' } of added) tags.set(Key, Value);
}

function taggedTable(tables: Tables, arn: string | undefined): Table {
  if (arn === undefined) throw validation('Invalid TableArn');
  const { service, resource } = parseArn(arn) ?? {};
  if (service !== 'dynamodb' || !/^table\/[^/]{3,}$/.test(resource ?? '')) {
    throw validation(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
  }
  const table = tables.find(resource?.slice('table/'.length) ?? '');
  if (table?.identity.arn !== arn) throw taggedResourceNotFound(arn);
  return table;
}
