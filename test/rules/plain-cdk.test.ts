import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Schedule, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import {
  App,
  CfnOutput,
  CfnParameter,
  Duration,
  NestedStack,
  type PolicyValidationPluginReportBeta1,
  Stack,
  Stage,
} from 'aws-cdk-lib/core';
import { LambdaConsumer, mixins, QueueRulesPlugin, RuleAcknowledgements, StandardQueue } from '../../lib';
import { synthesized } from './plain-app';

const directories: string[] = [];
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

/** What the plugin says of the same app, by the files that it is synthesized to. */
function reportOn(app: App): PolicyValidationPluginReportBeta1 {
  const assembly = app.synth();
  return new QueueRulesPlugin().validate({
    templatePaths: assembly.stacksRecursively.map(({ templateFullPath }) => templateFullPath),
  });
}

function emptyApp(): App {
  const outdir = mkdtempSync(join(tmpdir(), 'rules-'));
  directories.push(outdir);
  return new App({ outdir, analyticsReporting: false });
}

const handlerIn = (stack: Stack, timeout: Duration) =>
  new LambdaFunction(stack, 'Handler', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {};'),
    timeout,
  });

/** What the field's tools let through, made with CDK's L2 constructs (and one stack for what the others need). */
const BAD: Readonly<Record<string, (stack: Stack, other: Stack) => void>> = {
  'Spillway-Redrive-RetentionShorter': (stack, other) => {
    const queue = new Queue(other, 'Dead', { retentionPeriod: Duration.days(1) });
    new Queue(stack, 'Jobs', { retentionPeriod: Duration.days(14), deadLetterQueue: { queue, maxReceiveCount: 5 } });
  },
  'Spillway-Mapping-VisibilityBelowTimeout': (stack, other) => {
    const queue = new Queue(other, 'Jobs');
    handlerIn(stack, Duration.minutes(1)).addEventSource(new SqsEventSource(queue));
  },
  'Spillway-Delivery-FifoUnsupported': (stack) => {
    const queue = new Queue(stack, 'Jobs', { fifo: true });
    new Bucket(stack, 'Bucket').addObjectCreatedNotification(new SqsDestination(queue));
  },
  'Spillway-Delivery-ManagedKey': (stack) => {
    const queue = new Queue(stack, 'Jobs', { encryption: QueueEncryption.KMS_MANAGED });
    new Rule(stack, 'Rule', { schedule: Schedule.rate(Duration.hours(1)), targets: [new SqsQueue(queue)] });
  },
  'Spillway-Delivery-KeyRefuses': (stack) => {
    const jobs = new Queue(stack, 'Jobs');
    const dead = new Queue(stack, 'Dead', { encryptionMasterKey: new Key(stack, 'Key') });
    new Topic(stack, 'Topic').addSubscription(new SqsSubscription(jobs, { deadLetterQueue: dead }));
  },
  'Spillway-Delivery-QueueElsewhere': (stack) => {
    const queue = Queue.fromQueueArn(stack, 'Jobs', 'arn:aws:sqs:eu-west-1:111122223333:jobs');
    new Topic(stack, 'Topic').addSubscription(new SqsSubscription(queue));
  },
  'Spillway-Delivery-KeyElsewhere': (stack) => {
    const key = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1234');
    const queue = new Queue(stack, 'Jobs', { encryptionMasterKey: key });
    new Topic(stack, 'Topic').addSubscription(new SqsSubscription(queue));
  },
};

describe.each(Object.entries(BAD))('L2 constructs: %s', (id, build) => {
  const bad = (app: App) => {
    build(new Stack(app, 'Stack'), new Stack(app, 'Other'));
    return app;
  };

  test('fails with the mixin, from stack to stack', () => {
    const app = emptyApp();
    app.with(new mixins.QueueRules());
    const { errors, warnings } = synthesized(bad(app));
    expect([...errors, ...warnings].join('\n')).toContain(`[${id}]`);
  });

  test('fails with the plugin, on the resource of the finding', () => {
    const { violations, success } = reportOn(bad(emptyApp()));
    const found = violations.filter(({ ruleName }) => ruleName === id);
    expect(found).toHaveLength(1);
    expect(found[0].violatingResources[0].templatePath).toMatch(/Stack\.template\.json$/);
    expect(found[0].fix).toMatch(/docs\/rules\.md#spillway-/);
    expect(success).toBe(found[0].severity === 'warning');
  });

  test('passes once it has been acknowledged, with its reason in the template', () => {
    const app = emptyApp();
    app.with(new mixins.QueueRules());
    RuleAcknowledgements.of(app).add({ id, reason: 'we know better' });
    const { errors, warnings } = synthesized(bad(app));
    expect([...errors, ...warnings].join('\n')).not.toContain(`[${id}]`);
    const fromFiles = reportOn(bad(acknowledging(id)));
    expect(fromFiles.violations.map(({ ruleName }) => ruleName)).not.toContain(id);
  });
});

function acknowledging(id: string): App {
  const app = emptyApp();
  RuleAcknowledgements.of(app).add({ id, reason: 'we know better' });
  return app;
}

describe('the scope of the rules', () => {
  const bad = (stack: Stack, id = 'Jobs') =>
    new CfnQueue(stack, id, { delaySeconds: 1_000, messageRetentionPeriod: 61 });

  test('all that is wrong is reported together', () => {
    const app = emptyApp();
    app.with(new mixins.QueueRules());
    bad(new Stack(app, 'One'));
    bad(new Stack(app, 'Two'));
    const { errors } = synthesized(app);
    for (const queue of ['One/Jobs', 'Two/Jobs']) {
      for (const id of ['DelayOutOfRange', 'DelayOutlivesRetention']) {
        const one = new RegExp(`${queue}: DelaySeconds must be .* but was 1000 seconds.*\\[Spillway-Queue-${id}\\]`);
        expect(errors).toContainEqual(expect.stringMatching(one));
      }
    }
    expect(errors).toHaveLength(4);
  });

  test('nothing is reported twice, however often the mixin is applied', () => {
    const app = emptyApp();
    const stack = new Stack(app, 'One');
    stack.with(new mixins.QueueRules());
    app.with(new mixins.QueueRules()).with(new mixins.QueueRules());
    bad(stack);
    expect(synthesized(app).errors).toHaveLength(2);
  });

  test('what is outside the scope is not judged', () => {
    const app = emptyApp();
    new Stack(app, 'One').with(new mixins.QueueRules());
    bad(new Stack(app, 'Two'));
    expect(synthesized(app).errors).toEqual([]);
  });

  test('escape hatches and what is added later are seen', () => {
    const app = emptyApp();
    app.with(new mixins.QueueRules());
    const queue = new Queue(new Stack(app, 'One'), 'Jobs');
    (queue.node.defaultChild as CfnQueue).addPropertyOverride('VisibilityTimeout', 50_000);
    expect(synthesized(app).errors).toEqual([
      expect.stringContaining(
        'VisibilityTimeout must be between 0 and 43,200 seconds (12 hours), in whole seconds, but was 50000',
      ),
    ]);
  });

  test('stages are judged with their app', () => {
    const app = emptyApp();
    app.with(new mixins.QueueRules());
    bad(new Stack(new Stage(app, 'Production'), 'One'));
    expect(synthesized(app).errors).toHaveLength(2);
  });

  test('references into and out of nested stacks are followed', () => {
    const build = (app: App) => {
      const stack = new Stack(app, 'One');
      const inner = new NestedStack(stack, 'Inner');
      const queue = new Queue(inner, 'Dead', { retentionPeriod: Duration.days(1) });
      new Queue(stack, 'Outside', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
      const second = new NestedStack(stack, 'Second');
      new Queue(second, 'Inside', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
      return app;
    };
    const app = emptyApp();
    app.with(new mixins.QueueRules());
    const { errors } = synthesized(build(app));
    expect(errors.map((error) => error.replace(/^\[.*?\] /, '').split(':')[0]).sort()).toEqual([
      'One/Outside/Resource',
      'One/Second/Inside/Resource',
    ]);
    expect(reportOn(build(emptyApp())).violations.map(({ ruleName }) => ruleName)).toEqual([
      'Spillway-Redrive-RetentionShorter',
      'Spillway-Redrive-RetentionShorter',
    ]);
  });

  test('a weak reference reads the stack of that name in the Region and account that it names, or its own', () => {
    const ireland = { account: '111122223333', region: 'eu-west-1' };
    const build = (app: App, read: object) => {
      for (const [id, env, days] of [
        ['Ireland', ireland, 14],
        ['Paris', { ...ireland, region: 'eu-west-3' }, 1],
        ['Elsewhere', { ...ireland, account: '444455556666' }, 2],
      ] as const) {
        const stack = new Stack(app, id, { env, stackName: 'shared' });
        const { queueArn } = new Queue(stack, 'Dead', { retentionPeriod: Duration.days(days) });
        new CfnOutput(stack, 'DeadArn', { value: queueArn });
      }
      const deadLetterTargetArn = {
        'Fn::GetStackOutput': { StackName: 'shared', OutputName: 'DeadArn', ...read },
      };
      new CfnQueue(new Stack(app, 'Reader', { env: ireland }), 'Jobs', {
        redrivePolicy: { deadLetterTargetArn, maxReceiveCount: 5 },
      });
      return app;
    };
    const found = (read: object) => {
      const { violations } = reportOn(build(emptyApp(), read));
      const app = emptyApp();
      app.with(new mixins.QueueRules());
      expect(synthesized(build(app, read)).errors).toHaveLength(violations.length);
      return violations.map(({ ruleName }) => ruleName.replace('Spillway-Redrive-', ''));
    };
    expect(found({})).toEqual([]);
    expect(found({ Region: 'eu-west-3' })).toEqual(['OtherRegion', 'RetentionShorter']);
    expect(found({ RoleArn: 'arn:aws:iam::444455556666:role/read' })).toEqual(['OtherAccount', 'RetentionShorter']);
    expect(found({ StackName: 'unknown' })).toEqual([]);
  });

  test('an import reads the export of its own Region', () => {
    const app = emptyApp();
    app.with(new mixins.QueueRules());
    for (const [region, days] of [
      ['eu-west-1', 1],
      ['eu-west-3', 14],
    ] as const) {
      const env = { account: '111122223333', region };
      const dead = new Stack(app, `Dead-${region}`, { env });
      const { queueArn } = new Queue(dead, 'Dead', { retentionPeriod: Duration.days(days) });
      new CfnOutput(dead, 'DeadArn', { value: queueArn, exportName: 'dead-arn' });
      new CfnQueue(new Stack(app, `Jobs-${region}`, { env }), 'Jobs', {
        redrivePolicy: { deadLetterTargetArn: { 'Fn::ImportValue': 'dead-arn' }, maxReceiveCount: 5 },
      });
    }
    expect(synthesized(app).errors).toEqual([expect.stringMatching(/ Jobs-eu-west-1\/Jobs: .*RetentionShorter/)]);
  });

  test('what is known at deployment only is not judged', () => {
    const app = emptyApp();
    app.with(new mixins.QueueRules());
    const stack = new Stack(app, 'One');
    const delay = new CfnParameter(stack, 'Delay', { type: 'Number' });
    const name = new CfnParameter(stack, 'Name');
    new CfnQueue(stack, 'Jobs', {
      delaySeconds: delay.valueAsNumber,
      queueName: name.valueAsString,
      redrivePolicy: { deadLetterTargetArn: name.valueAsString, maxReceiveCount: 5 },
    });
    expect(synthesized(app)).toEqual({ errors: [], warnings: [] });
  });
});

describe('QueueRulesPlugin', () => {
  let output: jest.SpyInstance[];
  const printed = () => output.flatMap(({ mock }) => mock.calls as unknown[][]).join('\n');
  beforeEach(() => (output = (['log', 'error'] as const).map((name) => jest.spyOn(console, name).mockReturnValue())));
  afterEach(() => {
    output.forEach((one) => one.mockRestore());
    process.exitCode = 0;
  });

  /** CDK 2.240 prints the report and sets the exit code; 2.276 throws it. */
  const synthesis = (app: App): { readonly failed: boolean; readonly says: string } => {
    try {
      app.synth();
      return { failed: process.exitCode === 1, says: printed() };
    } catch (error) {
      return { failed: true, says: `${printed()}${String(error)}` };
    }
  };

  test('fails the synthesis of an app that has it, with a report', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'rules-'));
    directories.push(outdir);
    const app = new App({ outdir, policyValidationBeta1: [new QueueRulesPlugin()] });
    new CfnQueue(new Stack(app, 'One'), 'Jobs', { delaySeconds: 1_000 });
    const { failed, says } = synthesis(app);
    expect(failed).toBe(true);
    expect(says).toContain('Spillway-Queue-DelayOutOfRange');
  });

  test.each([
    ['passes', false],
    ['fails', true],
  ])('%s an app with warnings only when failOnWarnings is %s', (_, failOnWarnings) => {
    const outdir = mkdtempSync(join(tmpdir(), 'rules-'));
    directories.push(outdir);
    const app = new App({ outdir, policyValidationBeta1: [new QueueRulesPlugin({ failOnWarnings })] });
    const stack = new Stack(app, 'One');
    new Queue(stack, 'Jobs', { deadLetterQueue: { queue: new Queue(stack, 'Dead'), maxReceiveCount: 5 } });
    const { failed, says } = synthesis(app);
    expect(failed).toBe(failOnWarnings);
    if (failed) expect(says).toContain('Spillway-Redrive-RetentionNotLonger');
  });

  test('says what it is', () => {
    const plugin = new QueueRulesPlugin();
    expect(plugin.name).toBe('cdk-spillway');
    expect(plugin.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(plugin.ruleIds).toContain('Spillway-Queue-NameInvalid');
  });
});

describe('RuleAcknowledgements', () => {
  test('let through what the constructs of this library would refuse', () => {
    const stack = new Stack(new App(), 'Stack');
    const props = { deliveryDelay: Duration.minutes(2), retentionPeriod: Duration.minutes(2) };
    expect(() => new StandardQueue(stack, 'Refused', props)).toThrow('[Spillway-Queue-DelayOutlivesRetention]');
    RuleAcknowledgements.of(stack).add({
      id: 'Spillway-Queue-DelayOutlivesRetention',
      reason: 'a queue that eats all',
    });
    expect(() => new StandardQueue(stack, 'Accepted', props)).not.toThrow();
  });

  test("keep back the warnings of this library's constructs, too", () => {
    const warningsOf = (acknowledge: (stack: Stack) => void) => {
      const app = new App();
      const stack = new Stack(app, 'Stack');
      acknowledge(stack);
      const queue = new StandardQueue(stack, 'Jobs', { visibilityTimeout: Duration.minutes(2) });
      queue.addConsumer(new LambdaConsumer(handlerIn(stack, Duration.minutes(1))));
      return synthesized(app).warnings;
    };
    const id = 'Spillway-Mapping-VisibilityTight';
    expect(warningsOf(() => undefined)).toEqual([expect.stringContaining(id)]);
    expect(warningsOf((stack) => RuleAcknowledgements.of(stack).add({ id, reason: 'never throttled' }))).toEqual([]);
  });

  test('fail without an id of a rule, or a reason', () => {
    const acknowledgements = RuleAcknowledgements.of(new Stack(new App(), 'Stack'));
    expect(() => acknowledgements.add({ id: 'AwsSolutions-SQS3', reason: 'x' })).toThrow(
      "id must be the id of a rule, such as Spillway-Queue-NameInvalid, but was 'AwsSolutions-SQS3'",
    );
    expect(() => acknowledgements.add({ id: 'Spillway-Queue-NameInvalid', reason: ' ' })).toThrow(
      "reason must say why the rule is broken on purpose, but was ' '",
    );
  });
});
