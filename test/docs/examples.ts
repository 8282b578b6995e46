import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as spillway from '../../lib';

/** A code block of the documentation, as a module of its own. */
export interface Example {
  /** The page and the line where it begins. */
  readonly name: string;
  /**
   * A stack's contents, which are synthesized; the code of a handler or worker; a jest test, which is run; or a module
   * that tests of the same page import.
   */
  readonly kind: 'stack' | 'handler' | 'test' | 'module';
  /** Of a module: the name by which it is imported, with its extension. */
  readonly file?: string;
  readonly source: string;
}

export const root = join(__dirname, '../..');
const PAGES = ['README.md', 'docs/rules.md', ...guides().map((name) => `docs/guides/${name}`)];
const BLOCK = /^```(?:ts|js(?= test$))(?<info>[^\n]*)\n(?<code>.*?)^```$/gms;
const IMPORT = /^import [^;]*;\n/gm;
/** What an example may use without saying where it comes from. */
const CORE = ['App', 'Duration', 'Stack'];
const GIVEN = [
  'app',
  'vpc',
  'handler',
  'catalogue',
  'api',
  'operators',
  'onCall',
  'pager',
  'uploads',
  'orderPlaced',
  'queue',
  'charges',
];

export function guides(): string[] {
  return readdirSync(join(root, 'docs/guides')).filter((name) => name.endsWith('.md'));
}

export function examples(): Example[] {
  return PAGES.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    return [...text.matchAll(BLOCK)].map(({ index, groups: { info = '', code = '' } = {} }) => {
      const name = `${page}:${text.slice(0, index).split('\n').length}`;
      return { name, ...read(info.trim(), code) };
    });
  });
}

function read(info: string, code: string): Omit<Example, 'name'> {
  const file = /^file=(\S+)$/.exec(info)?.[1];
  if (file !== undefined) return { kind: 'module', file, source: code };
  if (info === 'test') return { kind: 'test', source: code };
  return info === 'handler' ? { kind: 'handler', source: handler(code) } : { kind: 'stack', source: contents(code) };
}

/** A module whose function puts into a stack, as `this`, what the example says. */
function contents(code: string): string {
  const imports = (code.match(IMPORT) ?? []).join('');
  const body = code.replace(IMPORT, '');
  const implied = (names: readonly string[], from: string) => {
    const used = names.filter((name) => uses(body, name) && !uses(imports, name));
    return used.length > 0 ? `import { ${used.join(', ')} } from '${from}';\n` : '';
  };
  return `${imports}${implied(CORE, 'aws-cdk-lib')}${implied(Object.keys(spillway), 'cdk-spillway')}
import type { Stack as Home } from 'aws-cdk-lib/core';
import type { Given } from '${join(root, 'test/docs/given')}';
export default function example(this: Home, { ${GIVEN.filter((name) => uses(body, name)).join(', ')} }: Given): void {
  {
${body}
  }
}
`;
}

function handler(code: string): string {
  return `import type { Work } from '${join(root, 'test/docs/given')}';\ndeclare const work: Work;\n${code}`;
}

function uses(code: string, name: string): boolean {
  return new RegExp(`(?<![.\\w'])${name}\\b(?!['"]|: )`).test(code);
}
