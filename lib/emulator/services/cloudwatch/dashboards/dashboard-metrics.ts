/** An object in a dashboard body. */
export type Fields = Readonly<Record<string, unknown>>;

/** The rendering options of a metric, in the last element of its row. */
const OPTIONS = ['accountId', 'color', 'expression', 'id', 'label', 'period', 'region', 'stat', 'visible', 'yAxis'];

/**
 * Validates a row of a graph's metrics: `[namespace, name, dimension, value, …, { options }]`, or an expression in the
 * options. `.` repeats the field above, `...` all fields that are not given.
 * @param previous the fields of the row above
 * @returns the row's fields, without its options
 */
export function checkMetricRow(
  row: unknown,
  previous: readonly unknown[],
  path: string,
  say: (path: string, message: string) => void,
): readonly unknown[] {
  if (!Array.isArray(row)) {
    say(path, 'Should be array');
    return previous;
  }
  const cells = row as unknown[];
  const last = cells.at(-1);
  const options = typeof last === 'object' && last !== null ? (last as Fields) : undefined;
  const fields = options === undefined ? cells : cells.slice(0, -1);
  for (const [index, field] of fields.entries()) checkField(field, index, previous, `${path}/${index}`, say);
  if (fields.some((field) => typeof field !== 'string')) return fields;
  if (fields.length === 0 && options?.expression !== undefined) return previous;
  const whole = expanded(fields as string[], previous);
  const pairs = Math.floor(whole.length / 2) * 2;
  const strange = options !== undefined && Object.keys(options).some((name) => !OPTIONS.includes(name));
  if (whole.length < 2) say(path, 'Should NOT have fewer than 2 items');
  else if (whole.length !== pairs || strange) say(path, `Should NOT have more than ${pairs} items`);
  return whole;
}

function checkField(
  field: unknown,
  index: number,
  previous: readonly unknown[],
  path: string,
  say: (path: string, message: string) => void,
): void {
  if (typeof field !== 'string') say(path, 'Invalid metric field type, only "String" type is allowed');
  else if (field === '.' && index >= previous.length)
    say(path, 'Repeat marker "." used but not enough fields in previous metric');
}

/** The fields of a row, with repeat markers resolved. */
function expanded(fields: readonly string[], previous: readonly unknown[]): unknown[] {
  const dots = fields.indexOf('...');
  const filled =
    dots < 0
      ? [...fields]
      : [
          ...fields.slice(0, dots),
          ...previous.slice(dots, Math.max(dots, previous.length - (fields.length - dots - 1))),
          ...fields.slice(dots + 1),
        ];
  return filled.map((field, index) => (field === '.' ? previous[index] : field));
}
