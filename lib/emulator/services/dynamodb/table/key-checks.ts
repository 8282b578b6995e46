import { invalidParameters, validation } from '../errors';
import { LIMITS } from '../limits';
import { type Item, typeOf } from '../values/attribute-value';
import type { Path } from '../expressions/path';
import { attributesOf, type KeyAttribute, type KeySchema, type Position, positionOf } from './keys';
import type { Table } from './table';

/**
 * Returns the position that a request's key names, and the key in its stored form.
 * @throws AwsError ValidationException if it is not a key of `schema`
 */
export function keyOf(key: Item, schema: KeySchema): { readonly key: Item; readonly position: Position } {
  const attributes = attributesOf(schema);
  if (Object.keys(key).length !== attributes.length) throw schemaMismatch();
  for (const attribute of attributes) checkKeyAttribute(key, attribute, attribute === schema.partition);
  const position = positionOf(key, schema);
  if (position === undefined) throw schemaMismatch();
  return { key, position };
}

/** Checks one attribute of a key in a request. */
export function checkKeyAttribute(key: Item, { name, type }: KeyAttribute, isPartition: boolean): void {
  const value = Object.hasOwn(key, name) ? key[name] : undefined;
  if (value?.[type] === undefined) throw schemaMismatch();
  if (value.S === '' || value.B?.length === 0) {
    throw invalidParameters(
      `The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. Key: ${name}`,
    );
  }
  checkKeySize(value.S ?? value.B ?? '', isPartition);
}

/**
 * Returns the position of an item that is to be put in a table.
 * @throws AwsError ValidationException if it lacks a key, or a key of the table or an index has another type
 */
export function positionOfNew(item: Item, table: Table): Position {
  for (const attribute of attributesOf(table.schema)) {
    const { name, type } = attribute;
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (value === undefined) throw invalidParameters(`Missing the key ${name} in the item`);
    if (value[type] === undefined) {
      throw invalidParameters(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    }
    checkNotEmpty(item, attribute);
    checkKeySize(value.S ?? value.B ?? '', attribute === table.schema.partition);
  }
  checkIndexKeys(item, table);
  const position = positionOf(item, table.schema);
  if (position === undefined) throw schemaMismatch();
  return position;
}

/** Checks the attributes of an item that are keys of the table's secondary indexes. */
export function checkIndexKeys(item: Item, table: Table): void {
  for (const [attribute, index] of table.indexKeys()) {
    const { name, type } = attribute;
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (value === undefined) continue;
    if (value[type] === undefined) {
      throw invalidParameters(
        `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.definition.name}`,
      );
    }
    if (value.S === '' || value.B?.length === 0) {
      throw validation(
        `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. IndexName: ${index.definition.name}, IndexKey: ${name}`,
      );
    }
    checkKeySize(value.S ?? value.B ?? '', attribute === index.definition.schema.partition);
  }
}

/** Checks that no path of an expression leads into a key attribute of the table or of an index. */
export function checkKeyPaths(paths: readonly Path[], table: Table): void {
  const nested = new Set(paths.filter(({ length }) => length > 1).map(([name]) => name));
  if (nested.size === 0) return;
  const refused = (what: string, name: string) =>
    validation(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${what}: ${name}`,
    );
  for (const { name } of attributesOf(table.schema)) if (nested.has(name)) throw refused('Key', name);
  for (const [{ name }] of table.indexKeys()) if (nested.has(name)) throw refused('IndexKey', name);
}

function checkNotEmpty(item: Item, { name, type }: KeyAttribute): void {
  const { S, B } = item[name];
  if (S !== '' && B?.length !== 0) return;
  throw validation(
    `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. Key: ${name}`,
  );
}

function checkKeySize(value: string | Uint8Array, isPartition: boolean): void {
  const size = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  if (isPartition && size > LIMITS.partitionKeySize) {
    // The missing space is AWS's.
    throw invalidParameters(`Size of hashkey has exceeded the maximum size limit of${LIMITS.partitionKeySize} bytes`);
  }
  if (!isPartition && size > LIMITS.sortKeySize) {
    throw invalidParameters(
      `Aggregated size of all range keys has exceeded the size limit of ${LIMITS.sortKeySize} bytes`,
    );
  }
}

/** AWS's error for a key that is not one of the table's. */
export function schemaMismatch() {
  return validation('The provided key element does not match the schema');
}
