import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoScalingGroupConsumer, BacklogScaling, LambdaConsumer, StandardQueue, WorkerProgram } from '../../lib';

/** A program for tests that model what it does. */
function idleWorker(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-idle-worker-'));
  writeFileSync(join(folder, 'index.js'), '');
  return folder;
}

/** Jobs for instances, and mails for a function. */
export class JobsStack extends Stack {
  public readonly jobs = new StandardQueue(this, 'Jobs', { maxReceiveCount: 3 });
  public readonly encoders: AutoScalingGroupConsumer;
  public readonly mailer = new Function(this, 'Mailer', {
    code: Code.fromInline(
      'exports.handler = async (event) => { if (event.fail) throw new TypeError(event.fail); return event; };',
    ),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
    timeout: Duration.seconds(30),
  });
  public readonly mails: StandardQueue;

  constructor(id = 'Shop', worker = idleWorker(), app = new App()) {
    super(app, id);
    this.encoders = new AutoScalingGroupConsumer(this, 'Encoders', {
      vpc: new Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 }),
      worker: WorkerProgram.node(worker),
      processingTime: Duration.minutes(1),
      minCapacity: 1,
      maxCapacity: 10,
      scaling: BacklogScaling.steps(
        [
          { depth: 100, add: 2 },
          { depth: 300, add: 4 },
        ],
        { emptyFor: Duration.minutes(2), remove: 4 },
      ),
      instanceWarmup: Duration.minutes(1),
    });
    this.jobs.addConsumer(this.encoders);
    this.mails = new StandardQueue(this, 'Mails', { consumers: [new LambdaConsumer(this.mailer)] });
  }
}

/** The bundle of a worker in `fixtures/`, in a folder of its own. */
export function bundleWorker(name: string): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-worker-'));
  buildSync({
    entryPoints: [join(__dirname, 'fixtures', `${name}.ts`)],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    minify: true,
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
