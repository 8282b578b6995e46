import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, NestedStack } from 'aws-cdk-lib';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { RuleAcknowledgements } from '../../lib';
import { type Ended, startSpillway } from './spawn-spillway';

let folder: string;

/** An error in a nested stack of a stage, and a warning in a stack; another warning is acknowledged. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-check-'));
  // As the CDK command line sets it.
  const context = { 'aws:cdk:enable-path-metadata': true };
  const app = new App({ outdir: join(folder, 'cdk.out'), context });
  const stack = new Stack(app, 'Shop');
  const dead = new Queue(stack, 'Dead', { retentionPeriod: Duration.days(14) });
  new Queue(stack, 'Jobs', { deadLetterQueue: { maxReceiveCount: 1, queue: dead } });
  const charges = new Queue(stack, 'Charges', { deadLetterQueue: { maxReceiveCount: 1, queue: dead } });
  RuleAcknowledgements.of(charges).add({ id: 'Spillway-Redrive-SingleReceive', reason: 'charged once' });
  const nested = new NestedStack(new Stack(new Stage(app, 'Prod'), 'Shop'), 'Inner');
  new Queue(nested, 'Letters', { deliveryDelay: Duration.minutes(2), retentionPeriod: Duration.minutes(1) });
  app.synth();
  const clean = new App({ outdir: join(folder, 'clean') });
  new Queue(new Stack(clean, 'Shop'), 'Jobs');
  clean.synth();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (...args: readonly string[]): Promise<Ended> => startSpillway(['check', ...args], { cwd: folder }).ended;

test.concurrent('check prints each finding with its construct path, its file and line, errors first', async () => {
  const { status, stdout } = await check();
  expect(status).toBe(1);
  const findings = stdout.split('\n\n');
  expect(findings).toHaveLength(3);
  expect(findings.at(-1)).toBe('1 error, 1 warning.\n');
  const lineIn = (file: string, id: RegExp) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .findIndex((line) => id.test(line)) + 1;
  const [letters, single] = findings;
  expect(letters).toMatch(/^error: Prod\/Shop\/Inner\/Letters\/Resource: DelaySeconds must be less than/);
  const [, file, line] = /\n {2}(\S+):(\d+)$/.exec(letters) ?? [];
  expect(file).toMatch(/^cdk\.out\/assembly-Prod\/\w+\.nested\.template\.json$/);
  expect(Number(line)).toBe(lineIn(file, /"Letters[0-9A-F]{8}": \{/));
  const jobs = lineIn('cdk.out/Shop.template.json', /"Jobs[0-9A-F]{8}": \{/);
  expect(single).toMatch(
    new RegExp(
      String.raw`^warning: Shop/Jobs/Resource: RedrivePolicy.maxReceiveCount should be .* \[Spillway-Redrive-SingleReceive\]` +
        String.raw`\n  cdk\.out/Shop\.template\.json:${jobs}$`,
    ),
  );
  expect(stdout).not.toContain('Charges');
});

test.concurrent('check prints SARIF 2.1.0 with the rule, level, place and construct path of each finding', async () => {
  const [sarif, json] = await Promise.all([check('--format', 'sarif'), check('cdk.out', '--format', 'json')]);
  expect([sarif.status, json.status]).toEqual([1, 1]);
  const findings = JSON.parse(json.stdout) as { rule: string; path: string; file: string; line: number }[];
  const { version, runs } = JSON.parse(sarif.stdout) as {
    version: string;
    runs: { tool: { driver: { rules: { id: string; helpUri: string }[] } }; results: { ruleIndex: number }[] }[];
  };
  expect([version, runs.length]).toEqual(['2.1.0', 1]);
  const [{ tool, results }] = runs;
  expect([findings.length, results.length]).toEqual([2, 2]);
  for (const [index, { rule, path, file, line }] of findings.entries()) {
    expect(results[index]).toMatchObject({
      ruleId: rule,
      level: rule === 'Spillway-Redrive-SingleReceive' ? 'warning' : 'error',
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: file }, region: { startLine: line } },
          logicalLocations: [{ fullyQualifiedName: path }],
        },
      ],
    });
    const described = tool.driver.rules[results[index].ruleIndex];
    expect(described).toMatchObject({ id: rule, helpUri: expect.stringMatching(`#${rule.toLowerCase()}$`) as string });
  }
});

test.concurrent('check ends with 0 without errors, with 1 on what --fail-on names, with 2 without an assembly', async () => {
  const warned = join(folder, 'warned');
  const app = new App({ outdir: warned });
  const stack = new Stack(app, 'Shop');
  const queue = new Queue(stack, 'Dead', { retentionPeriod: Duration.days(14) });
  new Queue(stack, 'Jobs', { deadLetterQueue: { maxReceiveCount: 1, queue } });
  app.synth();
  const [clean, lenient, strict, none, unknown] = await Promise.all([
    check('clean'),
    check('warned'),
    check('warned', '--fail-on', 'warning'),
    check('absent'),
    check('--format', 'xml'),
  ]);
  expect(clean).toEqual({ status: 0, stdout: '0 errors, 0 warnings.\n', stderr: '' });
  expect([lenient.status, strict.status]).toEqual([0, 1]);
  expect(lenient.stdout).toBe(strict.stdout);
  expect(none).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^assembly must be .* absent has no manifest\.json: run npx cdk synth\n/) as string,
  });
  expect(unknown).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^--format must be one of text, json, sarif, but was "xml"\n/) as string,
  });
});
