import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSpillway } from './spawn-spillway';

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-stacks-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const QUEUE = 'Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n';
const ASKS = `
Parameters: { Stage: { Type: String } }
Resources:
  Jobs: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub 'jobs-\${Stage}' } }
Outputs:
  Vpc: { Value: !ImportValue vpc }
  Secret: { Value: !Sub '\${Copy.Value}' }
`;

/** Milliseconds within which a server ends: those of the goal. */
const END = 2_000;

test('up serves a folder of templates without the stack that lacks a parameter, and ends soon after SIGTERM', async () => {
  const folder = folderWith({ 'plain.yaml': QUEUE, 'asks.yaml': ASKS });
  const up = startSpillway(['up', folder, '--port', '0'], { cwd: folder });
  await up.printed(/Serving on http:\S+/);
  const stopped = Date.now();
  up.child.kill('SIGTERM');
  const { status, stdout } = await up.ended;
  expect(Date.now() - stopped).toBeLessThan(END);
  expect(status).toBe(143); // as any program that a SIGTERM ends
  expect(stdout).toContain(
    'Warning: asks is not deployed: asks: Parameters.Stage: it has no default, and no value was given: ' +
      'give it by `--parameter asks:Stage=value` or the option parameters',
  );
  expect(stdout).toMatch(/plain-Jobs-/);
});

test('up deploys the stacks that are named, with the values of flags and of the settings file', async () => {
  const template = ASKS.replace(
    'Outputs:',
    `  Copy: { Type: AWS::SSM::Parameter, Properties: { Type: String, Value: '{{resolve:ssm:/a}}{{resolve:secretsmanager:s}}' } }\nOutputs:`,
  );
  const settings = JSON.stringify({ exports: { vpc: 'vpc-1' }, ssm: { '/a': 'stored-' } });
  const folder = folderWith({
    'plain.yaml': QUEUE,
    'asks.yaml': template,
    'spillway.json': settings,
    'cdk.json': '{}',
  });
  const flags = ['--parameter', 'asks:Stage=prod', '--secret', 's=hidden', '--port', '0'];
  const up = startSpillway(['up', '.', 'a*', ...flags], { cwd: folder });
  await up.printed(/Serving on http:\S+/);
  up.child.kill('SIGTERM');
  const { stdout } = await up.ended;
  expect(stdout).toMatch(/Secret +stored-hidden/);
  expect(stdout).toMatch(/Vpc +vpc-1/);
  expect(stdout).toMatch(/\/jobs-prod/);
  expect(stdout).not.toContain('plain-Jobs');
});

test('up fails with the error of a template that needs a transform', async () => {
  const folder = folderWith({ 'template.yaml': 'Globals: {}\nTransform: AWS::Serverless-2016-10-31\nResources: {}\n' });
  const { status, stderr } = await startSpillway(['up', join(folder, 'template.yaml')], { cwd: folder }).ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(/the transform AWS::Serverless-2016-10-31 runs inside AWS only; get the plain template/);
});
