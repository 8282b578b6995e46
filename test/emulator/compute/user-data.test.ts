import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readUserData, type UserDataResult } from '../../../lib/emulator/compute/instance/user-data';
import { readEnvironmentFile, readServiceUnit } from '../../../lib/emulator/compute/instance/systemd-unit';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'user-data-'));
  mkdirSync(join(folder, 'worker'));
  writeFileSync(join(folder, 'worker', 'index.js'), '');
  writeFileSync(join(folder, 'worker', 'app.env'), 'FROM_FILE=yes\n');
  writeFileSync(join(folder, 'single.js'), '');
});

afterAll(() => rmSync(folder, { recursive: true }));

function read(...lines: string[]): UserDataResult {
  const assets: Record<string, string> = { 'assets/abc.zip': 'worker', 'assets/def.js': 'single.js' };
  return readUserData(Buffer.from(lines.join('\n')).toString('base64'), (bucket, key) => {
    const name = assets[`${bucket}/${key}`];
    return name === undefined ? undefined : join(folder, name);
  });
}

const SCRIPT = [
  '#!/bin/bash',
  'set -euo pipefail',
  'dnf install -y nodejs22 unzip',
  "mkdir -p $(dirname '/opt/spillway/worker.zip')",
  "aws s3 cp 's3://assets/abc.zip' '/opt/spillway/worker.zip'",
  "unzip -oq '/opt/spillway/worker.zip' -d '/opt/spillway/worker'",
];
const STARTED = ['systemctl daemon-reload', 'systemctl enable --now spillway-worker.service'];
const unit = (...service: string[]) => [
  "cat > /etc/systemd/system/spillway-worker.service <<'UNIT'",
  '[Unit]',
  'Description=jobs queue worker',
  'After=network-online.target',
  '[Service]',
  ...service,
  '[Install]',
  'WantedBy=multi-user.target',
  'UNIT',
];

describe('user data as our constructs write it', () => {
  test('comes down to one service, with instance paths made local', () => {
    const result = read(
      ...SCRIPT,
      ...unit(
        'WorkingDirectory=/opt/spillway/worker',
        'Environment="AWS_REGION=eu-west-1"',
        'Environment="QUEUE_URL=https://sqs.eu-west-1.amazonaws.com/1/a?b=%%20"',
        'ExecStart=/usr/bin/node index.js',
        'Restart=always',
        'RestartSec=5',
        'KillSignal=SIGTERM',
        'TimeoutStopSec=330',
      ),
      ...STARTED,
    );
    const local = join(folder, 'worker');
    expect(result.notes).toEqual([]);
    expect(result.program?.unit).toEqual({
      name: 'spillway-worker.service',
      execStart: ['/usr/bin/node', 'index.js'],
      environment: { AWS_REGION: 'eu-west-1', QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/a?b=%20' },
      workingDirectory: local,
      restart: 'always',
      restartSeconds: 5,
      killSignal: 'SIGTERM',
      stopTimeoutSeconds: 330,
    });
    expect(Object.fromEntries(result.program?.assets ?? [])).toMatchObject({ '/opt/spillway/worker': local });
  });
});

describe('user data as others write it', () => {
  test('variables, tee, unquoted here-documents, environment files, an asset that is one file, enable and start', () => {
    const result = read(
      '#!/bin/bash -xe',
      'exec > >(tee /var/log/user-data.log | logger -t user-data) 2>&1',
      'export APP=/srv/app  # where it lives',
      'export PATH="$PATH:/usr/local/bin"',
      'function exitTrap(){',
      'exitCode=$?',
      '/opt/aws/bin/cfn-signal --stack s --resource r --region eu-west-1 -e $exitCode || echo failed',
      '}',
      'trap exitTrap EXIT',
      'cd /tmp && aws s3 cp --region eu-west-1 s3://assets/abc.zip code.zip --quiet',
      'sudo unzip -q code.zip -d $APP',
      'aws s3 cp s3://assets/def.js ${APP}/extra/single.js',
      'echo "TOKEN=a b" | sudo tee /etc/app.env > /dev/null',
      "printf '%s\\n' 'MORE=\"x y\" # no comment' >> /etc/app.env",
      'cat <<EOF > /etc/systemd/system/app.service',
      '[Service]',
      'WorkingDirectory=$APP',
      'EnvironmentFile=/etc/app.env',
      'EnvironmentFile=$APP/app.env',
      'EnvironmentFile=-/etc/missing.env',
      'Environment=DOLLAR=\\$5 HOME_OF=%N',
      'ExecStart=/usr/bin/env node \\',
      '  $APP/extra/single.js \\${TOKEN} \\$TOKEN',
      'EOF',
      'systemctl enable app',
      'systemctl start app',
    );
    expect(result.notes).toEqual([]);
    expect(result.program?.unit).toMatchObject({
      execStart: ['/usr/bin/env', 'node', join(folder, 'single.js'), 'a b', 'a', 'b'],
      environment: { TOKEN: 'a b', MORE: 'x y # no comment', FROM_FILE: 'yes', DOLLAR: '$5', HOME_OF: 'app' },
      workingDirectory: join(folder, 'worker'),
      restart: 'no',
      stopTimeoutSeconds: 90,
    });
  });

  test('a program that the script calls itself: its exported variables, in the background or as the last thing', () => {
    const called = (...lines: string[]) => read(...SCRIPT, 'export QUEUE_URL=https://sqs/jobs', 'SECRET=x', ...lines);
    const local = join(folder, 'worker');
    const background = called(
      'cd /opt/spillway/worker',
      'LEVEL=info nohup node index.js --fast >> /var/log/w.log 2>&1 &',
    );
    expect(background.notes).toEqual([]);
    expect(background.program?.unit).toEqual({
      name: 'node index.js',
      execStart: ['node', join(local, 'index.js'), '--fast'],
      environment: { QUEUE_URL: 'https://sqs/jobs', LEVEL: 'info' },
      workingDirectory: local,
      restart: 'no',
      restartSeconds: 0,
      killSignal: 'SIGTERM',
      stopTimeoutSeconds: 90,
    });
    const last = called('sudo -E /usr/bin/node /opt/spillway/worker/index.js', 'curl never-reached');
    expect(last.notes).toEqual([]);
    expect(last.program?.unit.execStart).toEqual(['/usr/bin/node', join(local, 'index.js')]);
    const both = called('node /opt/spillway/worker/index.js &', ...unit('ExecStart=/bin/true'), ...STARTED);
    expect(both.program?.unit.name).toBe('node index.js');
    expect(both.notes.join()).toContain('spillway-worker.service is not started: node index.js already runs');
    expect(called('node --version', 'node -e 1').notes.join()).toContain('`node` is not run');
  });

  test('what is not understood and may matter is named with its line, what prepares a machine is not', () => {
    const result = read(
      ...SCRIPT,
      'curl -s https://example.com/install.sh | bash',
      'curl -O https://example.com/x',
      'if [ -f /x ]; then',
      '  systemctl start other',
      'fi',
      'aws s3 cp s3://assets/missing.zip /opt/x.zip',
      'aws s3 sync s3://assets/ /opt/',
      '/opt/spillway/worker/setup.sh --now',
      'nohup java -jar /opt/spillway/worker/app.jar &',
      'systemctl enable --now amazon-cloudwatch-agent',
      ...unit('ExecStart=/usr/bin/node x.js', 'ExecStartPre=/bin/true', 'LimitNOFILE=65536', 'User=app'),
      'ID=$(curl -s http://169.254.169.254/latest/meta-data/instance-id)',
      ...STARTED,
    );
    expect(result.notes.map((note) => note.replace('user data ', ''))).toEqual([
      'line 7: `curl | bash` is not run',
      'line 8: `curl` is not run',
      'line 9: `if` is not evaluated: its body is skipped',
      'line 12: s3://assets/missing.zip is not an asset of the cloud assembly',
      'line 13: `aws s3 sync s3://assets/ /opt/` is not run: of the AWS CLI only `aws s3 cp` and `aws autoscaling complete-lifecycle-action` are',
      'line 14: `/opt/spillway/worker/setup.sh` is not run',
      'line 15: `nohup` in the background is not run: start the program as a systemd service',
      'line 16: amazon-cloudwatch-agent.service is started, but the user data writes no such unit',
      'line 29: $(curl -s http://169.254.169.254/latest/meta-data/instance-id) is not evaluated, and is treated as empty',
      'line 31: spillway-worker.service: ExecStartPre= is ignored',
    ]);
    expect(result.program?.unit.workingDirectory).toBe('/');
  });

  test.each([
    [
      'nothing to start',
      [...SCRIPT],
      "user data starts neither a systemd service nor an asset's program: the instance runs nothing here",
    ],
    [
      'only enabled',
      [...unit('ExecStart=/bin/true'), 'systemctl enable spillway-worker'],
      'user data enables spillway-worker.service but does not start it (`systemctl enable --now` does both)',
    ],
    ['cloud-config', ['#cloud-config', 'packages: []'], 'user data line 1: cloud-config is not supported'],
    ['another language', ['#!/usr/bin/python3'], 'user data line 1: a script for /usr/bin/python3 is not supported'],
    ['an open quote', ['#!/bin/sh', "echo 'x"], "user data line 2: a ' is not closed"],
    ['an open here-document', ['cat > x <<EOF', 'y'], 'here-document "EOF" is not closed'],
    [
      'a folder without an asset',
      [...unit('WorkingDirectory=/srv', 'ExecStart=/bin/true'), ...STARTED],
      'spillway-worker.service: WorkingDirectory=/srv holds nothing that was unpacked from an asset',
    ],
    [
      'a file that only the user data writes',
      ["echo '{}' > /etc/app.json", ...unit('ExecStart=/usr/bin/node x.js /etc/app.json'), ...STARTED],
      'spillway-worker.service: /etc/app.json is written by the user data and is not a file here',
    ],
  ])('no program, and why: %s', (_, lines, note) => {
    const result = read(...lines);
    expect(result.program).toBeUndefined();
    expect(result.notes.join('\n')).toContain(note);
  });
});

describe('unit files by systemd’s rules', () => {
  const service = (...lines: string[]) => readServiceUnit('a@b.service', ['[Service]', ...lines].join('\n'));

  test('quotes, escapes, specifiers, continued lines with comments in them, and settings taken back', () => {
    expect(
      service(
        'ExecStart=/bin/a',
        'ExecStart=',
        'ExecStart=-/bin/b "two words" \'it\\\'s\' un"quo"ted \\',
        '# a comment in between',
        '  \\x41\\t%i 100%%',
        'Environment="A=x y" B=\'\' C=\\u00e9',
        'Environment=D=1=2',
      ),
    ).toMatchObject({
      execStart: ['/bin/b', 'two words', "it's", 'unquoted', 'A\tb', '100%'],
      environment: { A: 'x y', B: '', C: 'é', D: '1=2' },
      workingDirectory: '/',
      killSignal: 'SIGTERM',
      restartSeconds: 0.1,
    });
  });

  test.each([
    ['2min 30s', 150],
    ['500ms', 0.5],
    ['1h', 3_600],
    ['7', 7],
    ['infinity', Infinity],
  ])('TimeoutStopSec=%s is %d seconds', (text, seconds) => {
    expect(service('ExecStart=/a', `TimeoutStopSec=${text}`).stopTimeoutSeconds).toBe(seconds);
  });

  test.each([
    [['Restart=always'], 'needs exactly one ExecStart=, has none'],
    [['ExecStart=/a', 'ExecStart=/b'], 'needs exactly one ExecStart=, has 2'],
    [['ExecStart=/a', 'Restart=sometimes'], 'Restart=sometimes must be one of no, always, on-success'],
    [['ExecStart=/a', 'RestartSec=soon'], 'RestartSec=soon must be a time span'],
    [['ExecStart=/a', 'KillSignal=SIGNOT'], 'KillSignal=SIGNOT is not a signal'],
    [['ExecStart=/a', 'Type=notify'], 'Type=notify is not emulated'],
    [['ExecStart=/a', 'WorkingDirectory=x'], 'WorkingDirectory=x must be an absolute path'],
    [['ExecStart=/a %q'], 'the specifier %q is not supported'],
    [['ExecStart=/a "b'], 'a " is not closed'],
    [['ExecStart=/a \\q'], '\\q is not a valid escape'],
    [['ExecStart=/a', 'Environment=1A=x'], 'must hold NAME=value'],
    [['ExecStart=/a', 'nonsense'], '"nonsense" is neither a section nor a setting'],
  ])('%j is refused', (lines, message) => {
    expect(() => service(...lines)).toThrow(message);
  });

  test('environment files', () => {
    const text = ['# c', '; c', '', 'A=1', 'export B="x \\"y\\" $z"', "C='a # b'", 'D=un quoted  ', 'E=a\\', 'b'];
    expect(readEnvironmentFile(text.join('\n'))).toEqual({
      A: '1',
      B: 'x "y" $z',
      C: 'a # b',
      D: 'un quoted',
      E: 'ab',
    });
    expect(() => readEnvironmentFile('A=1\nno assignment\n')).toThrow('"no assignment" is not NAME=value');
  });
});
