import type { NormalizedSchema } from '@smithy/core/schema';

/** The path of a member, outermost first; list positions count from 1. */
export type MemberPath = readonly (string | number)[];

/**
 * Adds the path of each required member that `value` lacks to `missing`. `path` is the path of `value`, and is the same
 * array before and after: a new array per batch entry would cost more than the check.
 */
export type RequiredCheck = (value: unknown, path: (string | number)[], missing: MemberPath[]) => void;

/** Compiles the check for a schema's required members, nested ones included; returns undefined if it has none. */
export function requiredCheck(schema: NormalizedSchema): RequiredCheck | undefined {
  return compile(schema, new Map());
}

function compile(schema: NormalizedSchema, known: Map<unknown, RequiredCheck>): RequiredCheck | undefined {
  if (schema.isStructSchema()) return structureCheck(schema, known);
  if (schema.isListSchema() || schema.isMapSchema()) {
    const check = compile(schema.getValueSchema(), known);
    if (check === undefined) return undefined;
    return schema.isListSchema()
      ? (value, path, missing) => {
          const list = value as unknown[];
          for (let i = 0; i < list.length; i++) checkAt(i + 1, check, list[i], path, missing);
        }
      : (value, path, missing) => {
          for (const [key, item] of Object.entries(value as object)) checkAt(key, check, item, path, missing);
        };
  }
  return undefined;
}

function checkAt(
  step: string | number,
  check: RequiredCheck,
  value: unknown,
  path: (string | number)[],
  missing: MemberPath[],
): void {
  path.push(step);
  check(value, path, missing);
  path.pop();
}

function structureCheck(schema: NormalizedSchema, known: Map<unknown, RequiredCheck>): RequiredCheck | undefined {
  const key = schema.getSchema();
  const seen = known.get(key);
  if (seen !== undefined) return seen;
  const required: string[] = [];
  const nested: { name: string; check: RequiredCheck }[] = [];
  const structure: RequiredCheck = (value, path, missing) => {
    const given = value as Record<string, unknown> | undefined | null;
    if (given === undefined || given === null) return;
    for (const name of required) if (given[name] === undefined) missing.push([...path, name]);
    for (const { name, check } of nested) {
      if (given[name] !== undefined) checkAt(name, check, given[name], path, missing);
    }
  };
  // Registered before its members are compiled: a structure may contain itself.
  known.set(key, structure);
  const count = requiredCount(key);
  for (const [name, member] of schema.structIterator()) {
    if (required.length < count) required.push(name);
    const check = compile(member, known);
    if (check !== undefined) nested.push({ name, check });
  }
  if (required.length > 0 || nested.length > 0) return structure;
  known.delete(key);
  return undefined;
}

// A structure's schema is [kind, namespace, name, traits, member names, member schemas, how many of the first are
// required]; NormalizedSchema gives access to all but the last.
function requiredCount(schema: unknown): number {
  const count = Array.isArray(schema) ? (schema[6] as unknown) : undefined;
  return typeof count === 'number' ? count : 0;
}
