import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { packageRoot } from '../lib/package-root';
import type { CheckFinding } from './commands/check';

/** Findings as a SARIF 2.1.0 log, which code hosts show beside the code. */
export function sarif(findings: readonly CheckFinding[]): unknown {
  const { version, homepage } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as Record<
    'version' | 'homepage',
    string
  >;
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'cdk-spillway',
            version,
            informationUri: homepage,
            rules: rules.map((id) => ({ id, helpUri: `${homepage}/blob/main/docs/rules.md#${id.toLowerCase()}` })),
          },
        },
        results: findings.map(({ rule, severity, path, message, file, line }) => ({
          ruleId: rule,
          ruleIndex: rules.indexOf(rule),
          level: severity,
          message: { text: `${path}: ${message}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(file.split(sep).join('/')) },
                ...(line !== undefined && { region: { startLine: line } }),
              },
              logicalLocations: [{ fullyQualifiedName: path, kind: 'resource' }],
            },
          ],
        })),
      },
    ],
  };
}
