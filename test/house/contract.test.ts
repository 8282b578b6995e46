import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const CONTRACT = join(root, 'docs/contract');
/** A section's number in a title of the contract: `## 1.7 Receive`, `# 2. Metrics`. */
const HEADING = /^#+ (\d+(?:\.\d+)*)\.? /gm;
/** A reference to one: `§1.7`. */
const REFERENCE = /§(\d+(?:\.\d+)*)/g;

const headings = readdirSync(CONTRACT)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) =>
    [...readFileSync(join(CONTRACT, name), 'utf8').matchAll(HEADING)].map(([, number]) => ({ name, number })),
  );
const references = ['bin', 'lambda', 'lib', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?[jt]sx?$|\.py$/.test(name))
    .flatMap((name) => {
      const file = `${folder}/${name}`;
      return [...readFileSync(join(root, file), 'utf8').matchAll(REFERENCE)].map(([, number]) => ({ file, number }));
    }),
);

test('every section of the contract has a number of its own', () => {
  const numbers = headings.map(({ number }) => number);
  expect(numbers.length).toBeGreaterThan(20);
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
});

test('every § in code and tests is a section of the contract', () => {
  const numbers = new Set(headings.map(({ number }) => number));
  expect(references.length).toBeGreaterThan(100);
  const lost = references.filter(({ number }) => !numbers.has(number));
  expect(lost.map(({ file, number }) => `${file}: §${number}`)).toEqual([]);
});

test('every source that the contract names has its address', () => {
  const pages = readdirSync(CONTRACT).filter((name) => name.endsWith('.md'));
  const missing = pages.flatMap((name) => {
    const text = readFileSync(join(CONTRACT, name), 'utf8').replace(/`[^`]*`/g, '');
    const defined = new Set([...text.matchAll(/^\[([^\]]+)\]: /gm)].map(([, tag]) => tag));
    return [...text.matchAll(/\[([A-Z]+(?:\/[^\]\s]+)?)\](?![(:])/g)]
      .filter(([, tag]) => !defined.has(tag))
      .map(([, tag]) => `${name}: ${tag}`);
  });
  expect(missing).toEqual([]);
});
