import type { NormalizedSchema } from '@smithy/core/schema';
import { encodeBase64 } from './simple-values';

/**
 * An output in the form that the Query protocol's JSON has: maps as lists of entries, named as their XML is.
 * SQS answers so to `Accept: application/json`.
 */
export function queryJsonForm(schema: NormalizedSchema, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (schema.isStructSchema()) {
    const structure = value as Record<string, unknown>;
    const form: Record<string, unknown> = {};
    for (const [name, member] of schema.structIterator()) form[name] = queryJsonForm(member, structure[name]);
    return form;
  }
  if (schema.isListSchema()) return (value as unknown[]).map((item) => queryJsonForm(schema.getValueSchema(), item));
  if (schema.isMapSchema()) {
    const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
    const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
    return Object.entries(value).map(([key, item]) => ({
      [keyName]: key,
      [valueName]: queryJsonForm(schema.getValueSchema(), item),
    }));
  }
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (value instanceof Date) return value.getTime() / 1000;
  return value;
}
