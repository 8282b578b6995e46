import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md') && name !== 'API.md'),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const LINK = /\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g;

test.each(pages)('%s leads nowhere that is not there', (page) => {
  const text = readFileSync(join(root, page), 'utf8').replace(/^```.*?^```$/gms, '');
  const broken = [...text.matchAll(LINK)]
    .map(([, target]) => resolve(root, dirname(page), target))
    .filter((target) => !existsSync(target));
  expect(broken.map((target) => relative(root, target))).toEqual([]);
});
