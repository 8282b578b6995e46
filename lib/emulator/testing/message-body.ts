import type { DeliveredAttribute } from '../core';

/** The JSON value of a body, or its text if it is not JSON. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * A body's text: text itself, or else its JSON.
 * @throws TypeError if the body has no JSON
 */
export function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  const text = JSON.stringify(body) as string | undefined; // of a function or undefined there is none
  if (text === undefined) throw new TypeError(`a body must be text or have JSON, but was ${typeof body}`);
  return text;
}

/** Message attributes by name: texts, numbers and bytes become AWS's String, Number and Binary. */
export type AttributeValues = Readonly<Record<string, string | number | Uint8Array>>;

/** Message attributes, as SQS and SNS take them. */
export function messageAttributes(values: AttributeValues): Record<string, DeliveredAttribute> {
  const attributes: Record<string, DeliveredAttribute> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') attributes[name] = { DataType: 'String', StringValue: value };
    else if (typeof value === 'number') attributes[name] = { DataType: 'Number', StringValue: String(value) };
    else attributes[name] = { DataType: 'Binary', BinaryValue: value };
  }
  return attributes;
}
