// npm run mutants -- FOLDER… [--count N] [--seed N] [--jobs N] [--at-least PERCENT]
//
// Asks of the tests what coverage can't: would they notice? Picks N small mutants of the folder's code by a seed, builds
// all of them into one copy of the project, each behind a switch, finds by one run which test files reach which mutant,
// then runs those, nearest first, with one mutant switched on at a time. Prints the score and the survivors.
// A mutant of code that runs in a child process is never switched on: it counts as not reached.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { root } from './tool.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(process.hrtime()[1] % 1_000_000) },
    jobs: { type: 'string', default: '2' },
    'at-least': { type: 'string', default: '0' },
  },
});
const COUNT = Number(values.count);
const SEED = Number(values.seed);
const JOBS = Number(values.jobs);
if (positionals.length === 0)
  throw new Error('name a folder or file of lib/, bin/ or lambda/: npm run mutants -- lib/rules');
for (const place of positionals) if (!existsSync(join(root, place))) throw new Error(`there is no ${place}`);

const COPIED = ['bin', 'docs', 'lambda', 'lib', 'rosetta', 'scripts', 'test'];
const switched = (id) => `globalThis.__mutant?.(${id})`;

/** The places of a file where a small mutant can be made: what it replaces, and how. */
function sitesOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const sites = [];
  const add = (kind, node, mutated, wrap) =>
    sites.push({ kind, file, start: node.getStart(source), end: node.end, mutated, wrap });
  const either = (id, original, mutated) => `(${switched(id)} ? ${mutated} : ${original})`;
  const expression = (kind, node, mutated) =>
    add(kind, node, mutated, (id, part) =>
      either(
        id,
        part(node),
        mutated((child) => part(child)),
      ),
    );

  const SWAPPED = new Map([
    [ts.SyntaxKind.LessThanToken, ['boundary', '<=']],
    [ts.SyntaxKind.LessThanEqualsToken, ['boundary', '<']],
    [ts.SyntaxKind.GreaterThanToken, ['boundary', '>=']],
    [ts.SyntaxKind.GreaterThanEqualsToken, ['boundary', '>']],
    [ts.SyntaxKind.EqualsEqualsEqualsToken, ['condition', '!==']],
    [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['condition', '===']],
    [ts.SyntaxKind.AmpersandAmpersandToken, ['condition', '||']],
    [ts.SyntaxKind.BarBarToken, ['condition', '&&']],
    [ts.SyntaxKind.MinusToken, ['arithmetic', '+']],
    [ts.SyntaxKind.AsteriskToken, ['arithmetic', '/']],
    [ts.SyntaxKind.SlashToken, ['arithmetic', '*']],
  ]);
  const ASSIGNMENTS = new Set([
    ts.SyntaxKind.EqualsToken,
    ts.SyntaxKind.PlusEqualsToken,
    ts.SyntaxKind.MinusEqualsToken,
    ts.SyntaxKind.QuestionQuestionEqualsToken,
  ]);

  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isEnumDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isThrowStatement(node)) return; // texts of errors are tested where they matter, not letter by letter here
    if (ts.isBinaryExpression(node)) {
      const swap = SWAPPED.get(node.operatorToken.kind);
      if (swap !== undefined)
        expression(swap[0], node, (part) => `(${part(node.left)}) ${swap[1]} (${part(node.right)})`);
    } else if (ts.isIfStatement(node)) {
      expression('condition', node.expression, (part) => `!(${part(node.expression)})`);
    } else if (ts.isConditionalExpression(node)) {
      expression('condition', node.condition, (part) => `!(${part(node.condition)})`);
    } else if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) {
      expression('constant', node, () => `${node.text} + 1`);
    } else if (ts.isNumericLiteral(node) && node.parent.initializer === node) {
      expression('constant', node, () => `${node.text} + 1`);
    } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
      expression('constant', node, () => 'false');
    } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
      expression('constant', node, () => 'true');
    } else if (ts.isStringLiteral(node) && constantText(node)) {
      expression('constant', node, () => `'mutated'`);
    } else if (ts.isExpressionStatement(node) && droppable(node.expression)) {
      add(
        'statement',
        node,
        () => '',
        (id, part) => `if (!${switched(id)}) { ${part(node)} }`,
      );
    } else if (ts.isObjectLiteralExpression(node) && !ts.isBinaryExpression(node.parent)) {
      for (const property of node.properties) {
        if (!ts.isPropertyAssignment(property) && !ts.isShorthandPropertyAssignment(property)) continue;
        add(
          'property',
          property,
          () => '',
          (id, part) => `...(${switched(id)} ? {} : { ${part(property)} })`,
        );
      }
    }
    ts.forEachChild(node, visit);
  };
  const constantText = ({ parent, text: value }) =>
    value !== '' && (ts.isPropertyAssignment(parent) ? parent.name.text !== value : ts.isVariableDeclaration(parent));
  const droppable = (expr) =>
    (ts.isCallExpression(expr) && expr.expression.kind !== ts.SyntaxKind.SuperKeyword) ||
    (ts.isBinaryExpression(expr) && ASSIGNMENTS.has(expr.operatorToken.kind)) ||
    ts.isPrefixUnaryExpression(expr) ||
    ts.isPostfixUnaryExpression(expr);

  visit(source);
  return sites;
}

/** The file's text with each of these mutants behind its switch; those within one another are nested. */
function withSwitches(text, sites) {
  const render = (start, end, skipped) => {
    let out = '';
    let at = start;
    while (at < end) {
      const next = sites
        .filter((site) => site !== skipped && site.start >= at && site.end <= end && !skips(skipped, site))
        .sort((a, b) => a.start - b.start || b.end - a.end || a.id - b.id)[0];
      if (next === undefined) break;
      out += text.slice(at, next.start) + next.wrap(next.id, (node) => render(node.getStart(), node.end, next));
      at = next.end;
    }
    return out + text.slice(at, end);
  };
  // Of two sites at one place the earlier id is the outer one: within it the other must come, and not itself again.
  const skips = (outer, site) =>
    outer !== undefined &&
    site.start <= outer.start &&
    site.end >= outer.end &&
    (site.start < outer.start || site.end > outer.end || site.id < outer.id);
  return render(0, text.length, undefined);
}

const filesIn = (place) =>
  statSync(join(root, place)).isFile()
    ? [place]
    : readdirSync(join(root, place), { recursive: true })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && basename(name) !== 'index.ts')
        .map((name) => join(place, name));

/** mulberry32: small, and the same on every machine. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** As many of each kind as there can be: conditions are many and well tested, dropped statements few and not. */
function pick(sites) {
  const next = random(SEED);
  const kinds = new Map();
  for (const site of sites) kinds.set(site.kind, [...(kinds.get(site.kind) ?? []), site]);
  const shuffled = [...kinds.values()].map((list) => list.map((site) => [next(), site]).sort((a, b) => a[0] - b[0]));
  const picked = [];
  for (let round = 0; picked.length < Math.min(COUNT, sites.length); round += 1) {
    for (const list of shuffled) if (round < list.length && picked.length < COUNT) picked.push(list[round][1]);
  }
  return picked;
}

const copy = mkdtempSync(join(tmpdir(), 'spillway-mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

for (const name of [...COPIED, ...readdirSync(root).filter((file) => /\.(json|js|md)$/.test(file))]) {
  cpSync(join(root, name), join(copy, name), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

const files = positionals.flatMap(filesIn);
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const mutants = pick(files.flatMap((file) => sitesOf(file, texts.get(file))));
mutants.forEach((mutant, id) => (mutant.id = id));
for (const file of new Set(mutants.map((mutant) => mutant.file))) {
  writeFileSync(
    join(copy, file),
    withSwitches(
      texts.get(file),
      mutants.filter((mutant) => mutant.file === file),
    ),
  );
}
writeFileSync(
  join(copy, 'jest.mutants.config.js'),
  `const config = require('./jest.config');
module.exports = { ...config, globalSetup: undefined, globalTeardown: undefined, testTimeout: 30_000, setupFilesAfterEnv: [...config.setupFilesAfterEnv, '<rootDir>/probe.js'] };`,
);
writeFileSync(
  join(copy, 'probe.js'),
  `const reached = new Set();
const active = Number(process.env.MUTANT ?? -1);
globalThis.__mutant = (id) => (reached.add(id), id === active);
afterAll(() => {
  if (process.env.REACHED === undefined) return;
  require('node:fs').appendFileSync(process.env.REACHED, JSON.stringify([expect.getState().testPath, [...reached]]) + '\\n');
});`,
);

async function run(command, args, env, timeout) {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: copy,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (said = (said + chunk).slice(-100_000)));
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // ended already
    }
  };
  const timer = timeout === undefined ? undefined : setTimeout(end, timeout);
  process.once('exit', end);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  process.off('exit', end);
  return { code, said };
}
const TMPDIR = join(copy, 'tmp'); // what tests leave behind goes with the copy
mkdirSync(TMPDIR);
const jest = (args, env, timeout) =>
  run('node_modules/jest/bin/jest.js', ['-c', 'jest.mutants.config.js', '--ci', ...args], { TMPDIR, ...env }, timeout);

console.log(`${mutants.length} mutants of ${positionals.join(' ')}, seed ${SEED}`);
await run('scripts/build.mjs', ['assets', 'programs'], {});
const REACHED = join(copy, 'reached.jsonl');
appendFileSync(REACHED, '');
const started = performance.now();
const first = await jest(
  ['-w', String(JOBS), '--json', '--outputFile', join(copy, 'first.json'), '--findRelatedTests', ...files],
  { REACHED },
);
const results = existsSync(join(copy, 'first.json'))
  ? JSON.parse(readFileSync(join(copy, 'first.json'), 'utf8')).testResults
  : [];
const broken = new Set(results.filter(({ status }) => status === 'failed').map(({ name }) => name));
if (results.length === 0) throw new Error(`no test ran:\n${first.said}`);
for (const name of broken) console.log(`fails without a mutant, left out: ${relative(copy, name)}`);
const took = new Map(results.map(({ name, startTime, endTime }) => [name, endTime - startTime]));

/** How near a test is to the code: the folders of its path, below test/, that the code's path has too. */
const nearness = (test, file) => {
  const own = new Set(dirname(file).split(sep));
  return (
    relative(copy, dirname(test))
      .split(sep)
      .filter((part) => own.has(part)).length + (basename(test).startsWith(`${basename(file, '.ts')}.`) ? 1 : 0)
  );
};
const testsOf = mutants.map(() => []);
for (const line of readFileSync(REACHED, 'utf8').split('\n').filter(Boolean)) {
  const [test, ids] = JSON.parse(line);
  if (!broken.has(test)) for (const id of ids) testsOf[id].push(test);
}
console.log(`${results.length} test files in ${Math.round((performance.now() - started) / 1000)} s without a mutant`);

/** Whether any of the tests that reach it fails with this mutant. Few files at a time: most die at the nearest. */
async function dies(mutant) {
  const tests = testsOf[mutant.id].sort(
    (a, b) => nearness(b, mutant.file) - nearness(a, mutant.file) || took.get(a) - took.get(b),
  );
  for (let from = 0, some = 3; from < tests.length; from += some, some *= 3) {
    const now = tests.slice(from, from + some);
    const patience = 30_000 + 10 * now.reduce((sum, test) => sum + took.get(test), 0); // an endless loop is a death too
    const { code } = await jest(
      ['-w', '1', '--bail', '--runTestsByPath', ...now],
      { MUTANT: String(mutant.id) },
      patience,
    );
    if (code !== 0) return true;
  }
  return false;
}

const place = ({ file, start }) => `${file}:${texts.get(file).slice(0, start).split('\n').length}`;
const original = ({ file, start, end }) => texts.get(file).slice(start, end).replace(/\s+/g, ' ').slice(0, 90);
const changed = (mutant) => {
  const shown = mutant.mutated((node) => texts.get(mutant.file).slice(node.getStart(), node.end));
  return shown === '' ? 'left out' : shown.replace(/\s+/g, ' ').slice(0, 90);
};

const survivors = [];
const queue = [...mutants];
let done = 0;
await Promise.all(
  Array.from({ length: JOBS }, async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const dead = await dies(mutant);
      done += 1;
      if (dead) continue;
      survivors.push(mutant);
      const reach = testsOf[mutant.id].length === 0 ? ' (no test reaches it)' : '';
      console.log(
        `survives ${place(mutant)} ${mutant.kind}: ${original(mutant)}  →  ${changed(mutant)}${reach}  [${done}/${mutants.length}]`,
      );
    }
  }),
);
const kinds = [...new Set(mutants.map(({ kind }) => kind))];
const of = (list, kind) => list.filter((mutant) => mutant.kind === kind).length;
for (const kind of kinds)
  console.log(`${kind}: ${of(mutants, kind) - of(survivors, kind)} of ${of(mutants, kind)} killed`);
const score = (100 * (mutants.length - survivors.length)) / mutants.length;
console.log(`score: ${score.toFixed(1)} % of ${mutants.length} mutants killed, seed ${SEED}`);
if (score < Number(values['at-least'])) process.exitCode = 1;
