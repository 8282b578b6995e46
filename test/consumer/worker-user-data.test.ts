import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { App, Stack } from 'aws-cdk-lib/core';
import { AutoScalingGroupConsumer, StandardQueue, WorkerProgram } from '../../lib';

// The user data as bash runs it, with the machine's folders moved below `root` and its programs replaced by ones that
// note their arguments and end as the test says.
let root: string;
let script: string;

const PROGRAMS = ['aws', 'chmod', 'curl', 'dnf', 'id', 'sleep', 'systemctl', 'unzip', 'useradd'];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'spillway-user-data-'));
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  const consumer = new AutoScalingGroupConsumer(stack, 'Workers', {
    vpc: new Vpc(stack, 'Vpc'),
    worker: WorkerProgram.node(join(__dirname, '../../dist/lambda/encoder')),
  });
  new StandardQueue(stack, 'Jobs', { consumers: [consumer] });
  const [launchTemplate] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate')) as {
    Properties: { LaunchTemplateData: { UserData: { 'Fn::Base64': { 'Fn::Join': [string, unknown[]] } } } };
  }[];
  const [, parts] = launchTemplate.Properties.LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'];
  script = parts
    .map((part) => (typeof part === 'string' ? part : 'https://sqs.eu-west-1.amazonaws.com/111122223333/jobs'))
    .join('')
    .replaceAll('/opt/spillway', join(root, 'opt/spillway'))
    .replaceAll('/etc/systemd', join(root, 'etc/systemd'))
    .replaceAll('#!/bin/bash', `#!/usr/bin/env bash`);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Run {
  readonly status: number | null;
  readonly calls: readonly string[];
}

/** Runs a script of an instance on which some programs fail: their names, with the first of their arguments. */
function run(file: string, failing: readonly string[], ...args: readonly string[]): Run {
  const calls = join(root, 'calls');
  rmSync(calls, { force: true });
  const programs = join(root, 'bin');
  mkdirSync(programs, { recursive: true });
  for (const name of PROGRAMS) {
    const refused = failing.filter((one) => one.startsWith(name)).map((one) => `*"${one.slice(name.length + 1)}"*`);
    const lines = [
      '#!/usr/bin/env bash',
      `echo "${name} $*" >> '${calls}'`,
      ...(refused.length === 0 ? [] : [`case "$*" in ${refused.join('|')}) exit 1;; esac`]),
      name === 'curl' ? 'case "$*" in *instance-id) echo i-0123456789abcdef0;; *) echo token;; esac' : '',
      name === 'chmod' ? `exec /bin/chmod "$@"` : '',
      name === 'unzip' ? `mkdir -p '${join(root, 'opt/spillway/worker')}'` : '',
    ];
    writeFileSync(join(programs, name), lines.join('\n'), { mode: 0o755 });
  }
  const { status } = spawnSync('bash', [file, ...args], {
    env: { PATH: `${programs}:${process.env.PATH ?? ''}` },
    encoding: 'utf8',
  });
  return { status, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [] };
}

function boot(...failing: readonly string[]): Run {
  for (const folder of ['opt', 'etc']) rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
  const file = join(root, 'user-data');
  writeFileSync(file, script);
  return run(file, failing);
}

const completed = (result: string) =>
  expect.stringMatching(
    new RegExp(
      '^aws autoscaling complete-lifecycle-action --region eu-west-1 --auto-scaling-group-name Stack-Workers-\\S+ ' +
        `--lifecycle-hook-name launch --instance-id i-0123456789abcdef0 --lifecycle-action-result ${result}$`,
    ),
  ) as string;

test('sets up an instance whose image has no user for the worker', () => {
  const { status, calls } = boot('id -u');
  expect(status).toBe(0);
  expect(calls.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual([
    'chmod 755',
    'id -u',
    'useradd --system',
    'dnf install',
    'aws s3',
    'unzip -oq',
    'chmod -R',
    'systemctl daemon-reload',
    'systemctl enable',
  ]);
  const unit = readFileSync(join(root, 'etc/systemd/system/spillway-worker.service'), 'utf8');
  expect(unit).toContain('\nUser=spillway-worker\n');
  expect(unit).toContain(`\nExecStartPost=-${root}/opt/spillway/launch\n`);
});

test('keeps a user that the image has', () => {
  const { status, calls } = boot();
  expect([status, calls.filter((call) => call.startsWith('useradd'))]).toEqual([0, []]);
});

test('completes the launch once systemd has started the worker, and it has run for some seconds', () => {
  boot();
  const { status, calls } = run(join(root, 'opt/spillway/launch'), []);
  expect(status).toBe(0);
  expect([calls[0], calls.at(-1)]).toEqual(['sleep 5', completed('CONTINUE')]);
});

test.each([
  ['a user cannot be made', ['id -u', 'useradd']],
  ['a package cannot be installed', ['dnf install']],
  ['the program cannot be downloaded', ['aws s3 cp']],
  ['the program cannot be unpacked', ['unzip']],
  ['systemd refuses the unit', ['systemctl daemon-reload']],
  ['the worker does not start', ['systemctl enable']],
])('abandons the launch at once if %s', (_, failing) => {
  const { status, calls } = boot(...failing);
  expect(status).not.toBe(0);
  expect(calls.at(-1)).toEqual(completed('ABANDON'));
  expect(calls).not.toContain('sleep 5');
});

test('leaves the launch to its time-out if the metadata service does not answer', () => {
  const { status, calls } = boot('dnf install', 'curl');
  expect(status).not.toBe(0);
  expect(calls.filter((call) => call.startsWith('aws'))).toEqual([]);
});
