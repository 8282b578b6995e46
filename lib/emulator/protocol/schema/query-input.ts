import type { NormalizedSchema } from '@smithy/core/schema';
import { located, MalformedInput } from '../malformed-input';
import { decodeBase64 } from './simple-values';

/** How many steps a parameter's name may have; in AWS's models none has half as many. */
const DEEPEST = 32;

/**
 * The parameters of a Query request as the tree that their dotted names spell:
 * `Attribute.1.Name=x` is the value x at Attribute → 1 → Name.
 */
export class QueryParameters {
  private readonly children = new Map<string, QueryParameters>();

  private constructor(public value?: string) {}

  /** Reads form-encoded texts (a query string, a body); the first to give a name wins. */
  public static parse(...forms: readonly string[]): QueryParameters {
    const root = new QueryParameters();
    for (const form of forms) {
      for (const [name, value] of new URLSearchParams(form)) root.descend(name).value ??= value;
    }
    return root;
  }

  public child(name: string): QueryParameters | undefined {
    return this.children.get(name);
  }

  public get isLeaf(): boolean {
    return this.children.size === 0;
  }

  /**
   * The elements of a list or map: the children whose names are positions, in their order; gaps are allowed, as AWS
   * allows them. An only element needs no position: `Attribute.Name=x` is `Attribute.1.Name=x`.
   * @param parts what an element's parameters may begin with
   */
  public items(parts: ReadonlySet<string>): { position: number; item: QueryParameters }[] {
    if ([...this.children.keys()].every((name) => parts.has(name))) return [{ position: 1, item: this }];
    const items: { position: number; item: QueryParameters }[] = [];
    for (const [name, item] of this.children) {
      if (!/^\d{1,9}$/.test(name)) throw new MalformedInput(`"${name}" is not a position in a list`);
      items.push({ position: Number(name), item });
    }
    return items.sort((a, b) => a.position - b.position);
  }

  private descend(name: string): QueryParameters {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the walk begins at this node
    let node: QueryParameters = this;
    // Steps beyond the limit are nobody's, and would cost memory: each has a map of its own.
    for (const step of name.split('.', DEEPEST)) {
      let next = node.children.get(step);
      if (next === undefined) node.children.set(step, (next = new QueryParameters()));
      node = next;
    }
    return node;
  }
}

/**
 * Reads a structure's members from Query parameters, by the names and list forms that the schema's XML traits give.
 * `aliases`: other names of members.
 */
export function readQueryInput(
  schema: NormalizedSchema,
  parameters: QueryParameters,
  aliases: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  if (schema.isUnitSchema()) return input;
  for (const [name, member] of schema.structIterator()) {
    const queryName = member.getMergedTraits().xmlName ?? name;
    const node = parameters.child(aliases[name]) ?? parameters.child(queryName);
    if (node === undefined) continue;
    try {
      const value = readMember(member, node);
      if (value !== undefined) input[name] = value;
    } catch (error) {
      throw located(error, queryName);
    }
  }
  return input;
}

function readMember(schema: NormalizedSchema, node: QueryParameters): unknown {
  if (schema.isStructSchema()) return readQueryInput(schema, node);
  if (schema.isListSchema()) return readList(schema, node);
  if (schema.isMapSchema()) return readMap(schema, node);
  return node.value === undefined ? undefined : readSimple(schema, node.value);
}

function readList(schema: NormalizedSchema, node: QueryParameters): unknown[] {
  const member = schema.getValueSchema();
  const list = containerIn(schema, node, member.getMergedTraits().xmlName ?? 'member');
  if (list === undefined) return [];
  // `AttributeName=All`: a list of one.
  if (list.isLeaf && !member.isStructSchema()) return [readItem(member, list)];
  return elements(list, partsOf(member)).map(({ position, item }) => {
    try {
      return readItem(member, item);
    } catch (error) {
      throw located(error, position);
    }
  });
}

/** What the parameters of a list's element may begin with. */
function partsOf(schema: NormalizedSchema): ReadonlySet<string> {
  const parts = new Set<string>();
  if (!schema.isStructSchema()) return parts;
  for (const [name, member] of schema.structIterator()) parts.add(member.getMergedTraits().xmlName ?? name);
  return parts;
}

/** Reads what a list or map has at one place; there, unlike in a structure, something must be. */
function readItem(schema: NormalizedSchema, node: QueryParameters | undefined): unknown {
  const value = node === undefined ? undefined : readMember(schema, node);
  if (value !== undefined) return value;
  if (schema.isStructSchema()) return {}; // what it lacks, the service says
  throw new MalformedInput('a value is missing');
}

function readMap(schema: NormalizedSchema, node: QueryParameters): Record<string, unknown> {
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueSchema = schema.getValueSchema();
  const valueName = valueSchema.getMergedTraits().xmlName ?? 'value';
  const map = containerIn(schema, node, 'entry');
  if (map === undefined) return {};
  const entries = elements(map, new Set([keyName, valueName])).map(({ position, item }) => {
    const key = item.child(keyName)?.value;
    if (key === undefined) throw new MalformedInput(`an entry must have a ${keyName}`).within(position);
    const value = item.child(valueName);
    try {
      return [key, readItem(valueSchema, value)] as const;
    } catch (error) {
      throw located(error, position);
    }
  });
  return Object.fromEntries(entries);
}

/** The node that has the elements of a list or map; undefined if it is empty. */
function containerIn(schema: NormalizedSchema, node: QueryParameters, step: string): QueryParameters | undefined {
  // `Entries=` is how the protocol spells an empty list or map.
  if (node.isLeaf && !node.value) return undefined;
  return isFlattened(schema) || node.isLeaf ? node : node.child(step);
}

function elements(container: QueryParameters, parts: ReadonlySet<string>): ReturnType<QueryParameters['items']> {
  if (container.isLeaf) throw new MalformedInput(`"${container.value}" found where a list or map was expected`);
  return container.items(parts);
}

function isFlattened(schema: NormalizedSchema): boolean {
  return Boolean(schema.getMergedTraits().xmlFlattened);
}

function readSimple(schema: NormalizedSchema, text: string): unknown {
  if (schema.isNumericSchema()) return readNumber(text);
  if (schema.isBooleanSchema()) return readBoolean(text);
  if (schema.isTimestampSchema()) return readTimestamp(text);
  if (schema.isBlobSchema()) return decodeBase64(text);
  return text;
}

function readNumber(text: string): number {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$|^NaN$|^[+-]?Infinity$/i.test(text)) {
    throw new MalformedInput(`"${text}" can not be converted to a Number`);
  }
  return Number(text);
}

function readBoolean(text: string): boolean {
  if (!/^(true|false)$/i.test(text)) throw new MalformedInput(`"${text}" can not be converted to a Boolean`);
  return text.toLowerCase() === 'true';
}

function readTimestamp(text: string): Date {
  const date = new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
  if (Number.isNaN(date.getTime())) throw new MalformedInput(`timestamp must follow ISO8601, got "${text}"`);
  return date;
}
