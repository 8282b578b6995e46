import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { option, UsageError } from '../command-line';
import { oneOf } from '../option-kinds';
import { sarif } from '../sarif';

const FORMATS = ['text', 'json', 'sarif'] as const;
const SEVERITIES = ['error', 'warning'] as const;

interface CheckOptions {
  readonly format: (typeof FORMATS)[number];
  readonly failOn: (typeof SEVERITIES)[number];
}

/** A broken rule, and where. */
export interface CheckFinding {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  /** The construct's path, or the stack and the logical ID if the template does not have it. */
  readonly path: string;
  /** The CloudFormation property at fault. */
  readonly property: string;
  readonly message: string;
  /** The template, relative to the working directory. */
  readonly file: string;
  /** The line of the template on which the resource begins. */
  readonly line?: number;
  readonly logicalId: string;
}

/** `spillway check`: the rules, on a synthesized app. */
export function check(): Command {
  return new Command('check')
    .summary('check a synthesized CDK app for what breaks its queues')
    .description(
      'Checks the templates of a cloud assembly, whatever its queues were made with, for what AWS would refuse, and for ' +
        'what loses, repeats or hides messages. The rules are in docs/rules.md. What the app acknowledges is left out. ' +
        'The exit status is 1 if there is an error.',
    )
    .usage('[cdk.out] [options]')
    .argument('[assembly]', 'the folder of the cloud assembly', 'cdk.out')
    .allowExcessArguments(false)
    .addOption(
      option('--format <format>', 'how to print the findings: text, json or sarif (2.1.0)', oneOf(...FORMATS)).default(
        'text',
      ),
    )
    .addOption(
      option('--fail-on <severity>', 'the least severity that makes the exit status 1', oneOf(...SEVERITIES)).default(
        'error',
      ),
    )
    .action(async (assembly: string, { format, failOn }: CheckOptions) => {
      if (!existsSync(join(assembly, 'manifest.json'))) {
        throw new UsageError(
          `assembly must be the folder of a cloud assembly, but ${assembly} has no manifest.json: run npx cdk synth`,
        );
      }
      const findings = await findingsOf(assembly);
      process.stdout.write(`${FORMAT[format](findings)}\n`);
      if (findings.some(({ severity }) => severity === 'error' || failOn === 'warning')) process.exitCode = 1;
    });
}

const FORMAT: Readonly<Record<CheckOptions['format'], (findings: readonly CheckFinding[]) => string>> = {
  text,
  json: (findings) => JSON.stringify(findings, undefined, 2),
  sarif: (findings) => JSON.stringify(sarif(findings), undefined, 2),
};

async function findingsOf(assembly: string): Promise<CheckFinding[]> {
  const [{ findingsIn }, { deploymentsOf }] = await Promise.all([
    import('../../lib/rules/catalogue/index.js'),
    import('../../lib/rules/template/from-files.js'),
  ]);
  return deploymentsOf(assembly)
    .flatMap(findingsIn)
    .map(({ id, severity, resource, property, text: message }): CheckFinding => {
      const { logicalId, path } = resource;
      const file = resource.stack.file ?? '';
      const place = { file: relative(process.cwd(), file), line: lineOf(file, logicalId), logicalId };
      return { rule: id, severity, path, property, message, ...place };
    })
    .sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
}

/** Where a resource begins: the CDK writes one key a line, and logical IDs occur as keys nowhere else. */
function lineOf(file: string, logicalId: string): number | undefined {
  const lines = readFileSync(file, 'utf8').split('\n');
  const index = lines.findIndex((line) => line.trimStart() === `"${logicalId}": {`);
  return index === -1 ? undefined : index + 1;
}

function text(findings: readonly CheckFinding[]): string {
  const lines = findings.map(({ severity, path, message, file, line }) => {
    return `${severity}: ${path}: ${message}\n  ${file}${line === undefined ? '' : `:${line}`}\n`;
  });
  const count = (wanted: CheckFinding['severity']) => {
    const found = findings.filter(({ severity }) => severity === wanted).length;
    return `${found} ${wanted}${found === 1 ? '' : 's'}`;
  };
  return [...lines, `${count('error')}, ${count('warning')}.`].join('\n');
}
