import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { root, startSpillway } from '../bin/spawn-spillway';

const source = (version: number) => `export const handler = async (event: { Records: { body: string }[] }) =>
  console.log('version ${version} handled', event.Records[0].body);
`;

/**
 * Saves the source of a function many times while `up --watch` runs. Returns the milliseconds from each save until a
 * message, sent again and again, is handled by the saved code.
 */
export async function hotReloads(times: number): Promise<number[]> {
  const project = mkdtempSync(join(tmpdir(), 'spillway-bench-reload-'));
  const cwd = process.cwd();
  mkdirSync(join(project, 'src'));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  const save = (version: number) => writeFileSync(join(project, 'src/handler.ts'), source(version));
  for (const file of ['package.json', 'package-lock.json', 'cdk.json']) writeFileSync(join(project, file), '{}');
  save(0);
  try {
    process.chdir(project);
    synthesize(project);
  } finally {
    process.chdir(cwd);
  }
  const up = startSpillway(['up', 'cdk.out', '--watch', '--port', '0'], {
    cwd: project,
    variables: { XDG_CACHE_HOME: join(project, 'cache') },
  });
  try {
    await up.printed(/Ctrl-C/);
    const endpoint = await up.printed(/http:\/\/127\.0\.0\.1:\d+/);
    const credentials = { accessKeyId: '000000000000', secretAccessKey: 'local' };
    const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials });
    const QueueUrl = `${endpoint}/000000000000/jobs`;
    const taken: number[] = [];
    for (let version = 1; version <= times; version++) {
      const savedAt = performance.now();
      save(version);
      const handled = up.printed(new RegExp(`version ${version} handled`)).then(() => performance.now() - savedAt);
      let done = false;
      void handled.then(() => (done = true));
      while (!done) {
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
        await new Promise((resume) => setTimeout(resume, 25));
      }
      taken.push(await handled);
    }
    sqs.destroy();
    return taken;
  } finally {
    up.child.kill('SIGINT');
    await up.ended;
    rmSync(project, { recursive: true, force: true });
  }
}

function synthesize(project: string): void {
  const app = new App({ outdir: join(project, 'cdk.out') });
  const stack = new Stack(app, 'App');
  const fn = new NodejsFunction(stack, 'Handler', {
    entry: join(project, 'src/handler.ts'),
    runtime: Runtime.NODEJS_22_X,
    projectRoot: project,
    depsLockFilePath: join(project, 'package-lock.json'),
  });
  fn.addEventSource(new SqsEventSource(new Queue(stack, 'Jobs', { queueName: 'jobs' })));
  app.synth();
}
