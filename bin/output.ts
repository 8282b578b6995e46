/** Prints a result: as JSON if asked for, or as lines of text. */
export function print(result: unknown, lines: readonly string[], { json }: { readonly json?: boolean }): void {
  const text = json === true ? JSON.stringify(result, undefined, 2) : lines.join('\n');
  if (text !== '') process.stdout.write(`${text}\n`);
}

/** Lines of a table, with its numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        typeof cell === 'number' || (column > 0 && typeof rows.at(-1)?.[column] === 'number')
          ? String(cell).padStart(widths[column])
          : cell.padEnd(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** The UTC time of day, in milliseconds: `14:03:07.250`. */
export function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
