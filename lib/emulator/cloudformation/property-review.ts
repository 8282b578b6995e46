import { functionName } from './intrinsics/evaluator';
import { isObject, type Json, type JsonObject } from './provider/json';
import type { PropertyReport } from './provider/report';
import type { PropertyTable } from './provider/shapes';

/**
 * What becomes of each property that a template gives: as the provider's table says, and `unsupported` where the table
 * does not have it. Within objects, only what departs from the status of the whole is listed.
 */
export function reviewProperties(table: PropertyTable | undefined, properties: JsonObject): PropertyReport[] {
  return Object.entries(properties).flatMap(([name, value]): PropertyReport[] => {
    if (table === undefined) return [{ name, status: 'inert' }];
    const property = Object.hasOwn(table, name) ? table[name] : undefined;
    if (property === undefined) return [{ name, status: 'unsupported' }];
    const own: PropertyReport = { name, status: property.status, note: property.note };
    const within = uniqueByName(reviewWithin(property.shape.fields, value)).map((inner) => ({
      ...inner,
      name: `${name}.${inner.name}`,
    }));
    return [own, ...within.filter((inner) => inner.status !== own.status)];
  });
}

function reviewWithin(fields: PropertyTable | undefined, value: Json): PropertyReport[] {
  if (fields === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item) => reviewWithin(fields, item));
  return isObject(value) && functionName(value) === undefined ? reviewProperties(fields, value) : [];
}

function uniqueByName(reports: readonly PropertyReport[]): PropertyReport[] {
  return [...new Map(reports.map((report) => [report.name, report])).values()];
}
