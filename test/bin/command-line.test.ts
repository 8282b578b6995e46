import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Emulator } from '../../lib/emulator';
import { type Ended, type Started, startSpillway } from './spawn-spillway';

let folder: string;
const started: ChildProcess[] = [];

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'spillway-cli-'))));
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const spillway = (...args: string[]): Started => spillwayWith({}, ...args);

function spillwayWith(variables: Readonly<Record<string, string>>, ...args: string[]): Started {
  const process = startSpillway(args, { variables: { XDG_CACHE_HOME: join(folder, 'cache'), ...variables } });
  started.push(process.child);
  return process;
}

/** An assembly of one stack with this template. */
function assembly(name: string, template: unknown, assets?: unknown): string {
  const directory = join(folder, name);
  mkdirSync(directory);
  const stack = {
    type: 'aws:cloudformation:stack',
    environment: 'aws://unknown-account/unknown-region',
    properties: { templateFile: 'Stack.template.json', validateOnSynth: false },
    displayName: 'Stack',
    ...(assets !== undefined && { dependencies: ['Stack.assets'] }),
  };
  const artifacts = {
    Stack: stack,
    ...(assets !== undefined && {
      'Stack.assets': { type: 'cdk:asset-manifest', properties: { file: 'Stack.assets.json' } },
    }),
  };
  const text = typeof template === 'string' ? template : JSON.stringify(template);
  writeFileSync(join(directory, 'Stack.template.json'), text);
  if (assets !== undefined) writeFileSync(join(directory, 'Stack.assets.json'), JSON.stringify(assets));
  // The CDK writes it last, too.
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '39.0.0', artifacts }));
  return directory;
}

/** What every failure of the command line looks like: one line, and no stack trace. */
async function expectOneLine(ended: Promise<Ended>, message: RegExp, status = 1): Promise<void> {
  const { status: got, stderr } = await ended;
  expect(stderr.trimEnd()).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(got).toBe(status);
}

describe('spillway up', () => {
  test('serves an empty account to real clients until it is interrupted', async () => {
    const { child, ended, printed } = spillway('up', '--port', '0');
    const endpoint = await printed(/http:\/\/127\.0\.0\.1:\d+/);
    await printed(/eval "\$\(npx spillway env\)"/);
    const config = {
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: '123456789012', secretAccessKey: 'x' },
    };

    const sts = new STSClient(config);
    expect(await sts.send(new GetCallerIdentityCommand())).toMatchObject({ Account: '123456789012' });
    const sqs = new SQSClient(config);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    expect(QueueUrl).toBe(`${endpoint}/123456789012/jobs`);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages?.[0].Body).toBe('hello');
    sts.destroy();
    sqs.destroy();

    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, stderr: '' });
  });

  test('loads an assembly and reports what it emulates and what it does not', async () => {
    const directory = assembly('reported', {
      Resources: {
        Jobs: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
        Table: { Type: 'AWS::StepFunctions::StateMachine', Properties: {} },
      },
    });
    const [plain, verbose] = [[], ['--report']].map((flags) => spillway('up', directory, '--port', '0', ...flags));
    for (const { child, ended, printed } of [plain, verbose]) {
      await printed(/Ctrl-C/);
      child.kill('SIGTERM');
      expect((await ended).status).toBe(143);
    }
    expect((await plain.ended).stdout).toMatch(/Jobs/);
    expect((await plain.ended).stdout).toMatch(/^Stack \(account 000000000000, us-east-1\)$/m);
    expect((await plain.ended).stdout).toMatch(
      /^ {4}Jobs {2}http:\/\/127\.0\.0\.1:\d+\/000000000000\/Stack-Jobs-\w+$/m,
    );
    expect((await plain.ended).stdout).toMatch(/^ {2}Not emulated: AWS::StepFunctions::StateMachine$/m);
    expect((await plain.ended).stdout).not.toMatch(/VisibilityTimeout/);
    expect((await verbose.ended).stdout).toMatch(/AWS::SQS::Queue {2}Jobs: emulated\n +VisibilityTimeout: emulated/);
  });

  test('fails for a port in use, in one line', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const { port } = taken.address() as { port: number };
    await expectOneLine(spillway('up', '--port', String(port)).ended, new RegExp(`^--port ${port} is in use: `));
    taken.close();
  });

  test('takes another port if the default one is in use, and says so', async () => {
    const taken = createServer();
    // Should something listen there already, it is in use all the same.
    await new Promise((done) => taken.on('error', done).listen(4566, '127.0.0.1', () => done(undefined)));
    const { child, ended, printed } = spillway('up');
    const notice = await printed(/Port 4566 is in use; listening on port \d+ instead\./);
    await printed(/Ctrl-C/);
    const endpoint = `http://127.0.0.1:${/(\d+) instead\.$/.exec(notice)?.[1]}`;
    expect((await spillway('env').ended).stdout).toContain(`export AWS_ENDPOINT_URL=${endpoint}\n`);
    child.kill('SIGINT');
    await ended;
    expect((await spillway('env').ended).stdout).toContain('export AWS_ENDPOINT_URL=http://127.0.0.1:4566\n');
    taken.close();
  });

  test('names resources alike from run to run, as nobody can guess; --seed fixes them', async () => {
    const directory = assembly('named', { Resources: { Jobs: { Type: 'AWS::SQS::Queue' } } });
    const queueName = async (...args: string[]) => {
      const { child, ended, printed } = spillway('up', directory, '--port', '0', ...args);
      const endpoint = await printed(/http:\/\/127\.0\.0\.1:\d+/);
      await printed(/Ctrl-C/);
      const status = (await (await fetch(`${endpoint}/_spillway/status`)).json()) as { queues: { name: string }[] };
      child.kill('SIGINT');
      await ended;
      return status.queues[0].name;
    };
    const [first, again, seeded] = [await queueName(), await queueName(), await queueName('--seed', '7')];
    const inTests = async (seed?: number) => {
      const emulator = await Emulator.fromAssembly(directory, { seed });
      const [{ name }] = emulator.status().queues;
      await emulator.stop();
      return name;
    };
    expect(first).toMatch(/^Stack-Jobs-\w{12,}$/);
    expect(again).toBe(first);
    expect(seeded).toBe(await inTests(7));
    expect([first, seeded]).not.toContain(await inTests());
    const [project] = readdirSync(join(folder, 'cache', 'spillway'));
    expect(statSync(join(folder, 'cache', 'spillway', project, 'seed')).mode & 0o777).toBe(0o600);
  });

  test('hears Ctrl-C at once while functions are prepared, and leaves nothing of them', async () => {
    const resources = Object.fromEntries(
      ['One', 'Two', 'Three'].map((id) => [
        id,
        {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: 'nodejs22.x',
            Handler: 'index.handler',
            Role: 'arn:aws:iam::000000000000:role/any',
            // It takes longer to load than Lambda allows.
            Code: {
              ZipFile: "console.log('loading'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);",
            },
          },
        },
      ]),
    );
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    const { child, ended, printed } = spillwayWith(
      { TMPDIR: temporary },
      'up',
      assembly('slow', { Resources: resources }),
      '--port',
      '0',
    );
    await printed(/loading/);
    const interruptedAt = performance.now();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, stderr: '' });
    expect(performance.now() - interruptedAt).toBeLessThan(5_000);
    expect(readdirSync(temporary).filter((name) => name.startsWith('spillway-'))).toEqual([]);
  });

  test('fails for a folder without an assembly, in one line', async () => {
    await expectOneLine(spillway('up', join(folder, 'nowhere'), '--port', '0').ended, /nowhere/);
  });

  test('fails for a malformed template, in one line that names the file', async () => {
    const directory = assembly('malformed', '{ "Resources": {');
    await expectOneLine(spillway('up', directory, '--port', '0').ended, /Stack\.template\.json/);
  });

  test('fails for an asset that is missing, in one line that names it', async () => {
    const files = {
      abc: {
        source: { path: 'asset.abc', packaging: 'zip' },
        destinations: { here: { bucketName: 'assets', objectKey: 'abc.zip' } },
      },
    };
    const directory = assembly(
      'assetless',
      { Resources: { Q: { Type: 'AWS::SQS::Queue' } } },
      { version: '39.0.0', files },
    );
    await expectOneLine(spillway('up', directory, '--port', '0').ended, /asset\.abc/);
  });

  test('warns in one line of a handler that throws when it is loaded, and serves', async () => {
    const files = {
      abc: {
        source: { path: 'asset.abc', packaging: 'zip' },
        destinations: { here: { bucketName: 'assets', objectKey: 'abc.zip' } },
      },
    };
    const resources = {
      Broken: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'broken',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/any',
          Code: { S3Bucket: 'assets', S3Key: 'abc.zip' },
        },
      },
      // What answers a custom resource of the CDK's own is not loaded, as the emulator does what it would.
      Retention: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'retention',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/any',
          Code: { ZipFile: "throw new Error('loaded');" },
        },
      },
      Retained: {
        Type: 'Custom::LogRetention',
        Properties: { ServiceToken: { 'Fn::GetAtt': ['Retention', 'Arn'] }, LogGroupName: '/a', RetentionInDays: 1 },
      },
    };
    const directory = assembly('broken-handler', { Resources: resources }, { version: '39.0.0', files });
    mkdirSync(join(directory, 'asset.abc'));
    writeFileSync(join(directory, 'asset.abc', 'index.js'), "throw new Error('no configuration');");
    const { child, ended, printed } = spillway('up', directory, '--port', '0', '--run', 'absent=node server.js');
    await printed(/Press Ctrl-C/);
    child.kill('SIGTERM');
    const { stdout, stderr } = await ended;
    const warnings = stdout.split('\n').filter((line) => line.startsWith('Warning'));
    expect(warnings).toEqual([
      'Warning: --run names absent, but no function of the app has this name or path',
      'Warning: the function broken cannot start: Error: no configuration (index.js:1:7)',
    ]);
    expect(stderr).toBe('');
  });

  test('fails under --strict for what is not emulated', async () => {
    const directory = assembly('strict', { Resources: { Table: { Type: 'AWS::StepFunctions::StateMachine' } } });
    const { status, stderr } = await spillway('up', directory, '--port', '0', '--strict').ended;
    expect(stderr).toMatch(/AWS::StepFunctions::StateMachine/);
    expect(status).toBe(1);
  });

  test('fails with the stack trace only for --verbose', async () => {
    const { stderr } = await spillway('up', join(folder, 'nowhere'), '--port', '0', '--verbose').ended;
    expect(stderr).toMatch(/\n +at /);
  });
});

describe('spillway up --watch', () => {
  const template = (resources: Record<string, unknown>) => ({ Resources: resources });
  const queue = (properties: Record<string, unknown>) => ({ Type: 'AWS::SQS::Queue', Properties: properties });

  test('updates the stack when it was synthesized anew: what did not change goes on', async () => {
    const directory = assembly('watched', template({ Jobs: queue({ QueueName: 'jobs' }) }));
    const { child, ended, printed } = spillway('up', directory, '--watch', '--port', '0');
    const endpoint = await printed(/http:\/\/127\.0\.0\.1:\d+/);
    await printed(/Ctrl-C/);
    const credentials = { accessKeyId: '000000000000', secretAccessKey: 'x' };
    const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials });
    const QueueUrl = `${endpoint}/000000000000/jobs`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));

    const synthesize = (resources: Record<string, unknown>) => {
      rmSync(directory, { recursive: true });
      assembly('watched', template(resources));
    };
    synthesize({ Jobs: queue({ QueueName: 'jobs', DelaySeconds: 1_000 }) });
    await printed(/Stack: Resources\.Jobs: .*DelaySeconds.*; the stack was rolled back to what it was/);
    synthesize({ Jobs: queue({ QueueName: 'jobs', VisibilityTimeout: 60 }), More: queue({ QueueName: 'more' }) });
    await printed(/Stack: 1 created, 1 updated, 0 replaced, 0 deleted, 0 unchanged/);

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages?.[0].Body).toBe('kept');
    await sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/more`, MessageBody: 'x' }));
    sqs.destroy();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, stderr: '' });
  });
});

describe('spillway', () => {
  test('env prints the variables alone, and beside them what AWS CLI v1 needs', async () => {
    const { stdout, stderr, status } = await spillway('env', '--port', '4570', '--region', 'eu-west-1').ended;
    expect(stdout.trimEnd().split('\n')).toEqual([
      'export AWS_ENDPOINT_URL=http://127.0.0.1:4570',
      'export AWS_REGION=eu-west-1',
      'export AWS_DEFAULT_REGION=eu-west-1',
      'export AWS_ACCESS_KEY_ID=000000000000',
      'export AWS_SECRET_ACCESS_KEY=local',
    ]);
    expect(stderr).toBe(
      'AWS CLI v1 ignores AWS_ENDPOINT_URL for SQS. Use: aws --endpoint-url http://127.0.0.1:4570 sqs list-queues\n',
    );
    expect(status).toBe(0);
  });

  test.each([
    [[], /a command is required/],
    [['down'], /unknown command 'down'/],
    [['up', '--prot', '1'], /unknown option '--prot'/],
    [['up', '--port', '70000'], /--port must be a whole number from 0 to 65535, but was "70000"/],
    [['up', '--speed', 'fast'], /--speed must be a number from 0\.01 to 1000, but was "fast"/],
    [['up', '--watch'], /--watch requires an assembly: spillway up cdk\.out --watch/],
    [['up', '--seed', 'x'], /--seed must be a whole number from 0 to \d+, but was "x"/],
    [['up', '--allow-origin', '*'], /--allow-origin must be an origin such as http:\S+, but was "\*"/],
    [['up', '--region', 'here'], /--region must be the name of an AWS Region, such as us-east-1, but was 'here'/],
    [['up', '--account', '12'], /--account must be 12 digits, but was "12"/],
  ])('fails for %j with the usage', async (args, message) => {
    const { stderr, status } = await spillway(...args).ended;
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/Usage: spillway/);
    expect(status).toBe(2);
  });
});
