import type { NormalizedSchema } from '@smithy/core/schema';
import { located, MalformedInput } from '../malformed-input';
import { decodeBase64 } from './simple-values';

/** The most steps in a parameter's name; AWS's models need fewer than half as many. */
const DEEPEST = 32;

/**
 * The parameters of a Query request, as the tree that their dotted names form: `Attribute.1.Name=x` is the value x at
 * Attribute → 1 → Name.
 */
export class QueryParameters {
  private readonly children = new Map<string, QueryParameters>();

  private constructor(public value?: string) {}

  /** Parses form-encoded texts (a query string, a body); the first text with a name wins. */
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
   * The elements of a list or map: the children whose names are positions, in order. Gaps are allowed, as on AWS. A
   * single element needs no position: `Attribute.Name=x` means `Attribute.1.Name=x`.
   * @param parts the possible first steps of an element's parameters
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
    // oxlint-disable-next-line typescript/no-this-alias -- the walk begins at this node
    let node: QueryParameters = this;
    // Steps beyond the limit are ignored: each would cost a map of its own.
    for (const step of name.split('.', DEEPEST)) {
      let next = node.children.get(step);
      if (next === undefined) node.children.set(step, (next = new QueryParameters()));
      node = next;
    }
    return node;
  }
}

/**
 * Reads a structure's members from Query parameters, by the names and list forms in the schema's XML traits. `aliases`
 * are additional names of members.
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

/** The possible first steps of the parameters of a list's element. */
function partsOf(schema: NormalizedSchema): ReadonlySet<string> {
  const parts = new Set<string>();
  if (!schema.isStructSchema()) return parts;
  for (const [name, member] of schema.structIterator()) parts.add(member.getMergedTraits().xmlName ?? name);
  return parts;
}

/** Reads an element of a list or map. Unlike a structure's member, it must have a value. */
function readItem(schema: NormalizedSchema, node: QueryParameters | undefined): unknown {
  const value = node === undefined ? undefined : readMember(schema, node);
  if (value !== undefined) return value;
  if (schema.isStructSchema()) return {}; // the service reports missing members
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

/** The node with the elements of a list or map; undefined if it is empty. */
function containerIn(schema: NormalizedSchema, node: QueryParameters, step: string): QueryParameters | undefined {
  // `Entries=` is an empty list or map on this protocol.
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
