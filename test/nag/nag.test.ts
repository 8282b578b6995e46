import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { type Finding, findings } from './findings';
import { maximal, minimal } from './stacks';

const PAGE = readFileSync(join(__dirname, '../../docs/nag.md'), 'utf8');
const ROW = /^\| `(?<rule>[^`]+)` +\| (?<construct>\S+) +\| `(?<resource>[^`]+)` +\| (?<reason>.+?) +\|$/gm;

const acknowledged = [...PAGE.matchAll(ROW)].map(({ groups }) => groups as unknown as Finding & { reason: string });
const text = ({ rule, construct, resource }: Finding) => `${rule} | ${construct} | ${resource}`;

function found(make: (app: App) => unknown): string[] {
  const app = new App({ analyticsReporting: false });
  make(app);
  return findings(app).map(text);
}

const inMinimal = found(minimal);
const inMaximal = found(maximal);

describe('cdk-nag: AwsSolutions, NIST.800.53.R5 and HIPAA.Security', () => {
  test.each([
    ['minimal', inMinimal],
    ['maximal', inMaximal],
  ])('has nothing against the %s stack that docs/nag.md does not explain', (_, lines) => {
    const explained = acknowledged.map(text);
    expect(lines.filter((line) => !explained.includes(line))).toEqual([]);
  });

  test('has all that docs/nag.md explains: no row outlives its finding', () => {
    expect(acknowledged.map(text).filter((line) => ![...inMinimal, ...inMaximal].includes(line))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(5);
    for (const { reason } of acknowledged) expect(reason.length).toBeGreaterThan(20);
  });
});
