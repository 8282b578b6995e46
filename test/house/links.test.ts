import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md') && name !== 'API.md'),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
/** Pages that say where something is in the code. The CHANGELOG names what has long been moved. */
const MAPS = pages.filter((page) => /^CONTRIBUTING|^docs\/(adding|contract|explanation)/.test(page));
/** A link in the text, or the address of one at the foot of the page. */
const LINK = /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?[^)]*\)|^\[[^\]]+\]: (?!https?:)([^#\s]*)(?:#(\S+))?$/gm;
const PATH = /`((?:bin|docs|lambda|lib|scripts|test)\/[\w./-]+)`/g;

describe.each(pages)('%s', (page) => {
  const text = withoutCode(page);

  test('leads nowhere that is not there', () => {
    const broken = [...text.matchAll(LINK)]
      .map(([, inline, , reference]) => resolve(root, dirname(page), inline ?? reference))
      .filter((target) => !existsSync(target));
    expect(broken.map((target) => relative(root, target))).toEqual([]);
  });

  test('leads to headings that are there', () => {
    const lost = [...text.matchAll(LINK)].flatMap(([, inline, inlineAnchor, reference, referenceAnchor]) => {
      const anchor = inlineAnchor ?? referenceAnchor;
      const path = inline || reference;
      const target = path ? join(dirname(page), path) : page;
      return anchor === undefined || anchorsOf(target).has(anchor) ? [] : [`${target}#${anchor}`];
    });
    expect(lost).toEqual([]);
  });
});

test.each(MAPS)('%s names only files and folders that are there', (page) => {
  const named = [...withoutCode(page).matchAll(PATH)].map(([, path]) => path);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

function withoutCode(page: string): string {
  return readFileSync(join(root, page), 'utf8').replace(/^```.*?^```$/gms, '');
}

/** The anchors of a page as GitHub makes them from its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = existsSync(join(root, page)) ? withoutCode(page) : '';
  const made = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  const named = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name]) => name);
  return new Set([...made, ...named]);
}
