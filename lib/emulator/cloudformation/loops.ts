import { isObject, type Json, type JsonObject, mapOfEntries, show } from './provider/json';

const LOOP = 'Fn::ForEach::';

/**
 * Expands each `Fn::ForEach::Name: [Variable, Values, { 'Key${Variable}': … }]` of a template, in any object.
 *
 * @param fail is called with the problem of a loop that cannot be expanded
 */
export function expandLoops(template: JsonObject, fail: (problem: string) => never): JsonObject {
  const defaults = isObject(template.Parameters) ? template.Parameters : {};
  const listOf = (values: Json): string[] => {
    // Values are a list, or the default of a parameter that is one.
    const name = isObject(values) && typeof values.Ref === 'string' ? values.Ref : undefined;
    const parameter = name === undefined ? undefined : defaults[name];
    const given = isObject(parameter) && typeof parameter.Default === 'string' ? parameter.Default.split(',') : values;
    if (Array.isArray(given)) return given.map((item) => (typeof item === 'string' ? item.trim() : show(item)));
    return fail(`the values of ${LOOP} must be a list, or a parameter with a default, but were ${show(values)}`);
  };
  const expand = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(expand);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).flatMap(([key, item]): [string, Json][] =>
      key.startsWith(LOOP) ? iterations(key, item) : [[key, expand(item)]],
    );
    return mapOfEntries(entries);
  };
  const iterations = (key: string, loop: Json): [string, Json][] => {
    const [variable, values, body] = Array.isArray(loop) ? loop : [];
    if (typeof variable !== 'string' || values === undefined || !isObject(body)) {
      return fail(`${key} must be a list of a variable, values and an object, but was ${show(loop)}`);
    }
    return listOf(values).flatMap((value) => Object.entries(expand(put(body, variable, value)) as JsonObject));
  };
  return expand(template) as JsonObject;
}

/** Puts a value in place of a variable: `${Name}`, `&{Name}` without what a logical id can't have, and `Ref`. */
function put(body: Json, variable: string, value: string): Json {
  if (typeof body === 'string') {
    return body.replaceAll(`\${${variable}}`, value).replaceAll(`&{${variable}}`, value.replace(/[^A-Za-z0-9]/g, ''));
  }
  if (Array.isArray(body)) return body.map((item) => put(item, variable, value));
  if (!isObject(body)) return body;
  if (body.Ref === variable && Object.keys(body).length === 1) return value;
  return mapOfEntries(
    Object.entries(body).map(([key, item]) => [put(key, variable, value) as string, put(item, variable, value)]),
  );
}
