import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QueueRulesPlugin } from '../../lib';

const ROOT = join(__dirname, '../..');
const ID = /Spillway(?:-[A-Za-z]+){2}/g;
/** What constructs can't import, and so can't raise their ids. */
const OTHER_PARTS = /^(emulator|runtime)\b/;

const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !OTHER_PARTS.test(path))
  .map((path) => readFileSync(join(ROOT, 'lib', path), 'utf8'));
const page = readFileSync(join(ROOT, 'docs/rules.md'), 'utf8');

const sorted = (ids: Iterable<string>) => [...new Set(ids)].sort();
/** Ids stand in the sources as whole string literals, and nowhere else but in examples. */
const raised = sorted(
  sources.flatMap((source) => [...source.matchAll(/'(Spillway(?:-[A-Za-z]+){2})'/g)].map(([, id]) => id)),
);
const entries = [...page.matchAll(/^(?:#{3,4} (Spillway-\S+)$|\| `(Spillway-[^`]+)`)/gm)].map(
  ([, heading, cell]) => heading ?? cell,
);

describe('docs/rules.md', () => {
  test('has an entry for every id that the library can raise', () => {
    expect(raised.length).toBeGreaterThan(150);
    expect(raised).toEqual(expect.arrayContaining([...(new QueueRulesPlugin().ruleIds ?? [])]));
    expect(raised.filter((id) => !entries.includes(id))).toEqual([]);
  });

  test('has one entry each, and none for an id that does not exist', () => {
    expect(entries.filter((id, index) => entries.indexOf(id) !== index)).toEqual([]);
    expect(entries.filter((id) => !raised.includes(id))).toEqual([]);
  });

  test('mentions no id that does not exist', () => {
    expect(sorted(page.match(ID) ?? []).filter((id) => !raised.includes(id))).toEqual([]);
  });

  test('says of each: what is allowed, and why', () => {
    const sections = page.split(/^(?=#{2,4} )/m).filter((section) => /^#{3,4} Spillway-/.test(section));
    for (const section of sections) {
      expect(section).toMatch(/\n_(Error|Warning)\._ \S.*\n\n\*\*Why:\*\* \S/);
    }
    for (const row of page.match(/^\| `Spillway-.*$/gm) ?? []) {
      expect(row).toMatch(/^(\| \S[^|]*){4}\|$/);
    }
  });

  test('finds ids in the sources because they are never put together from parts', () => {
    const put = sources.flatMap((source) => source.match(/Spillway-[A-Za-z-]*\$\{.*/g) ?? []);
    expect(put).toEqual([]);
  });
});
