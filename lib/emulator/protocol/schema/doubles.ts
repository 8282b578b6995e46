import type { NormalizedSchema } from '@smithy/core/schema';
import { decimal } from '../../core';

/**
 * Members of a service's structures that are floating-point numbers, or lists or maps of them: `MetricAlarm.Threshold`.
 * The SDK's schemas only know numbers, but clients in other languages read an integer if a float has no decimal point.
 */
export type Doubles = ReadonlySet<string>;

export const NO_DOUBLES: Doubles = new Set();

/** Whether a structure's member is, or contains, floating-point numbers. */
export function isDouble(doubles: Doubles, structure: NormalizedSchema, member: string): boolean {
  return doubles.has(`${structure.getName()}.${member}`);
}

type Rewrite = (value: unknown) => unknown;

/**
 * Compiles a function that copies an output with its doubles as text, for a serializer that formats numbers as
 * JavaScript does. Returns undefined if the output has no doubles.
 */
export function doublesAsText(schema: NormalizedSchema, doubles: Doubles): Rewrite | undefined {
  return doubles.size === 0 ? undefined : compile(schema, doubles, false, new Map());
}

function compile(
  schema: NormalizedSchema,
  doubles: Doubles,
  double: boolean,
  known: Map<unknown, Rewrite>,
): Rewrite | undefined {
  if (schema.isStructSchema()) return structureRewrite(schema, doubles, known);
  if (schema.isListSchema() || schema.isMapSchema()) {
    const rewrite = compile(schema.getValueSchema(), doubles, double, known);
    if (rewrite === undefined) return undefined;
    return schema.isListSchema()
      ? (value) => (value as unknown[]).map((item) => present(item, rewrite))
      : (value) =>
          Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, present(item, rewrite)]));
  }
  return double ? (value) => (typeof value === 'number' ? decimal(value) : value) : undefined;
}

function structureRewrite(
  schema: NormalizedSchema,
  doubles: Doubles,
  known: Map<unknown, Rewrite>,
): Rewrite | undefined {
  const key = schema.getSchema();
  const seen = known.get(key);
  if (seen !== undefined) return seen;
  const members: [name: string, rewrite: Rewrite][] = [];
  const rewrite: Rewrite = (value) => {
    const copy = { ...(value as Record<string, unknown>) };
    for (const [name, of] of members) copy[name] = present(copy[name], of);
    return copy;
  };
  // Registered before its members are compiled: a structure may contain itself.
  known.set(key, rewrite);
  for (const [name, member] of schema.structIterator()) {
    const of = compile(member, doubles, isDouble(doubles, schema, name), known);
    if (of !== undefined) members.push([name, of]);
  }
  if (members.length > 0) return rewrite;
  known.delete(key);
  return undefined;
}

function present(value: unknown, rewrite: Rewrite): unknown {
  return value === undefined || value === null ? value : rewrite(value);
}
