import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RESOURCE_TYPES as providers } from '../../lib/emulator/services';
import type { Provider } from '../../lib/emulator/cloudformation/provider/contract';
import type { PropertyTable } from '../../lib/emulator/cloudformation/provider/shapes';

/** Where the page is. */
export const PAGE = join(resolve(__dirname, '../..'), 'docs/emulated-resources.md');

const INTRODUCTION = `# What is emulated, by type and property

For each type of resource that a template may hold: what the emulator does with its properties. This page is made from
the emulator's own tables by \`npm run docs:resources\`.

- **emulated**: it is acted on as AWS does.
- **inert**: it is accepted, and nothing comes of it.
- **unsupported**: AWS would act on it, and the emulator does not. So are properties and types that are not listed here.

A stack that has something unsupported loads all the same: what is missing gets a placeholder that others can refer to,
and the report says so. With \`strict\` it is refused.

When a changed assembly is loaded, a property changes **in place**, or by **replacement**: then a new resource takes the
old one's place, and the old one goes last. A resource whose _name_ is given in the template can't be replaced; it has to
be renamed. What a template no longer gives gets AWS's default. Nothing of this takes emulated time.
`;

/** The page's text, from the providers' tables. */
export function emulatedResources(): string {
  const sorted = [...providers].sort((one, other) => (one.type < other.type ? -1 : 1));
  const known = sorted.filter(({ properties }) => properties !== undefined);
  const nameOnly = sorted.filter(({ properties }) => properties === undefined);
  return [
    INTRODUCTION,
    ...known.map(section),
    '## Accepted, with any properties\n',
    'These have a name or an id that others can refer to, and nothing comes of them.\n',
    table(
      ['Type', 'Why'],
      nameOnly.map(({ type, note }) => [code(type), note ?? '']),
    ),
  ].join('\n');
}

function section(provider: Provider): string {
  const { type, note, properties = {}, updatePolicy = {} } = provider;
  const lines = [...rows(properties, ''), ...rows(updatePolicy, 'UpdatePolicy.')];
  const cells = lines.map(({ name, status, replaces, names, note: why }) => [
    code(name),
    status,
    name.startsWith('UpdatePolicy.') ? '' : onChange(provider, replaces, names),
    why ?? '',
  ]);
  const about = note === undefined ? '' : `${note[0].toUpperCase()}${note.slice(1)}.\n`;
  return [`## ${type}\n`, about, table(['Property', 'Status', 'On change', 'Note'], cells)]
    .filter((part) => part !== '')
    .join('\n');
}

interface Row {
  readonly name: string;
  readonly status: string;
  readonly replaces: boolean;
  readonly names: boolean;
  readonly note?: string;
}

/** The properties of a table; of those within them, what departs from the whole or has something to be said. */
function rows(fields: PropertyTable, prefix: string): Row[] {
  return Object.entries(fields)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, { status, replaces = false, names = false, note, shape }]): Row[] => {
      const own = { name: `${prefix}${name}`, status, replaces, names, note };
      const within = rows(shape.fields ?? {}, `${prefix}${name}.`);
      const apart = within.filter((row) => row.status !== status || row.note !== undefined);
      return [own, ...apart.map((row) => ({ ...row, replaces }))];
    });
}

function onChange({ update }: Provider, replaces: boolean, names: boolean): string {
  if (names) return 'replacement (its name)';
  return replaces || update === undefined ? 'replacement' : 'in place';
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A table as Prettier would leave it. */
function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const escaped = body.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((title, column) =>
    Math.max(3, ...[head, ...escaped].map((row) => row[column].length), title.length),
  );
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...escaped.map(line), ''].join('\n');
}

if (require.main === module) writeFileSync(PAGE, emulatedResources());
