import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatChanges, type JsonObject } from '../../../lib/emulator/cloudformation';
import { arn, cloudOfVersions, queue } from './cloud-of-versions';

test.each([
  ['FifoQueue: false', { FifoQueue: false }],
  ['FifoQueue: false beside a name', { QueueName: 'jobs', FifoQueue: 'false' }],
])('a template with %s is refused, as SQS refuses it', async (_, properties) => {
  const { app, queueNames } = cloudOfVersions();
  await expect(app({ Jobs: queue(properties) })).rejects.toThrow(
    'App: Resources.Jobs: AWS::SQS::Queue: InvalidAttributeName: Unknown Attribute FifoQueue.',
  );
  expect(await queueNames()).toEqual([]);
});

describe('in place (§9)', () => {
  test('a queue keeps its messages; what changed is set, what is no longer given gets its default', async () => {
    const { app, sqs, resource, attributes } = cloudOfVersions();
    const tags = [
      { Key: 'team', Value: 'video' },
      { Key: 'stage', Value: 'beta' },
    ];
    const given = { VisibilityTimeout: 90, DelaySeconds: 5, MessageRetentionPeriod: 600, Tags: tags };
    const redrive = { RedrivePolicy: { deadLetterTargetArn: arn('Dead'), maxReceiveCount: 3 } };
    await app({ Dead: queue(), Jobs: queue({ ...given, ...redrive }) });
    const QueueUrl = resource('Jobs').physicalId;
    await sqs.sendMessage({ QueueUrl, MessageBody: 'kept', DelaySeconds: 0 });
    const changed = { VisibilityTimeout: 120, MessageRetentionPeriod: 600, Tags: [{ Key: 'team', Value: 'audio' }] };

    expect(await app({ Dead: queue(), Jobs: queue(changed) })).toEqual({ Dead: 'unchanged', Jobs: 'updated' });

    expect(resource('Jobs').physicalId).toBe(QueueUrl);
    const now = await attributes('Jobs');
    expect(now).toMatchObject({ VisibilityTimeout: '120', DelaySeconds: '0', MessageRetentionPeriod: '600' });
    expect(now.RedrivePolicy).toBeUndefined();
    expect((await sqs.listQueueTags({ QueueUrl })).Tags).toEqual({ team: 'audio' });
    expect((await sqs.receiveMessage({ QueueUrl })).Messages?.[0].Body).toBe('kept');
  });

  test('a FIFO queue gets what CloudFormation sets in place of a dropped property, which CreateQueue would not', async () => {
    const { app, attributes } = cloudOfVersions();
    const fifo = { FifoQueue: true, QueueName: 'jobs.fifo' };
    const given = {
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
      MaximumMessageSize: 1_024,
      SqsManagedSseEnabled: true,
      ReceiveMessageWaitTimeSeconds: 20,
      ContentBasedDeduplication: true,
    };
    await app({ Jobs: queue({ ...fifo, ...given }) });
    expect(await app({ Jobs: queue(fifo) })).toEqual({ Jobs: 'updated' });
    expect(await attributes('Jobs')).toMatchObject({
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      MaximumMessageSize: '262144',
      SqsManagedSseEnabled: 'false',
      ReceiveMessageWaitTimeSeconds: '0',
      ContentBasedDeduplication: 'false',
    });
  });

  test('a queue keeps the defaults of CreateQueue for what no template has given', async () => {
    const { app, attributes } = cloudOfVersions();
    const fifo = { FifoQueue: true, QueueName: 'jobs.fifo' };
    await app({ Jobs: queue(fifo) });
    await app({ Jobs: queue({ ...fifo, VisibilityTimeout: 0 }) });
    expect(await attributes('Jobs')).toMatchObject({
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
      MaximumMessageSize: '1048576',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '0',
    });
    await app({ Jobs: queue({ ...fifo, DeduplicationScope: 'messageGroup' }) });
    expect(await attributes('Jobs')).toMatchObject({ DeduplicationScope: 'messageGroup', VisibilityTimeout: '30' });
  });

  test('a queue whose KMS key is dropped is no longer encrypted', async () => {
    const { app, attributes } = cloudOfVersions();
    await app({ Jobs: queue({ KmsMasterKeyId: 'alias/aws/sqs', KmsDataKeyReusePeriodSeconds: 600 }) });
    await app({ Jobs: queue({ SqsManagedSseEnabled: true }) });
    const now = await attributes('Jobs');
    expect(now.KmsMasterKeyId).toBeUndefined();
    expect(now.SqsManagedSseEnabled).toBe('true');
  });

  test('a version that differs in nothing changes nothing, and is no update', async () => {
    const { app, events } = cloudOfVersions();
    const resources = { Jobs: queue({ VisibilityTimeout: 90 }) };
    await app(resources);
    events.length = 0;
    expect(await app(resources)).toEqual({ Jobs: 'unchanged' });
    expect(events).toEqual([]);
  });

  test('an alarm keeps its state', async () => {
    const { app, cloudWatch, resource } = cloudOfVersions();
    const alarm = (Threshold: number): JsonObject => ({
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        Namespace: 'App',
        MetricName: 'Depth',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold,
      },
    });
    await app({ Deep: alarm(10) });
    const AlarmName = resource('Deep').physicalId;
    await cloudWatch.setAlarmState({ AlarmName, StateValue: 'ALARM', StateReason: 'x' });
    expect(await app({ Deep: alarm(20) })).toEqual({ Deep: 'updated' });
    const [described] = (await cloudWatch.describeAlarms({ AlarmNames: [AlarmName] })).MetricAlarms ?? [];
    expect(described).toMatchObject({ Threshold: 20, StateValue: 'ALARM' });
  });

  test('policies of queues follow their list', async () => {
    const { app, attributes } = cloudOfVersions();
    const policy = (...Queues: JsonObject[]): JsonObject => ({
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { PolicyDocument: { Version: '2012-10-17', Statement: [] }, Queues },
    });
    await app({ A: queue(), B: queue(), Policy: policy({ Ref: 'A' }) });
    expect(await app({ A: queue(), B: queue(), Policy: policy({ Ref: 'B' }) })).toMatchObject({ Policy: 'updated' });
    expect((await attributes('A')).Policy).toBeUndefined();
    expect((await attributes('B')).Policy).toBeDefined();
    await app({ A: queue(), B: queue() });
    expect((await attributes('B')).Policy).toBeUndefined();
  });

  test('a KMS key is changed, never replaced: what cannot be changed is refused', async () => {
    const { app, kms, resource } = cloudOfVersions();
    const key = (Properties: JsonObject): JsonObject => ({ Type: 'AWS::KMS::Key', Properties });
    await app({ Key: key({ Description: 'one', EnableKeyRotation: true }) });
    const KeyId = resource('Key').physicalId;
    expect(await app({ Key: key({ Enabled: false }) })).toEqual({ Key: 'updated' });
    expect((await kms.describeKey({ KeyId })).KeyMetadata).toMatchObject({ Description: '', KeyState: 'Disabled' });
    await expect(app({ Key: key({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }) })).rejects.toThrow(
      'App: Resources.Key: AWS::KMS::Key: NotUpdatable: KeySpec, KeyUsage of a KMS key cannot be changed; ' +
        'the stack was rolled back to what it was',
    );
    await app({ Other: queue() });
    expect((await kms.describeKey({ KeyId })).KeyMetadata?.KeyState).toBe('PendingDeletion');
  });
});

describe('replacement (§9)', () => {
  test('a new queue takes over, what refers to it follows, and the old one goes last', async () => {
    const { app, resource, attributes, queueNames, events } = cloudOfVersions();
    const source = queue({ RedrivePolicy: { deadLetterTargetArn: arn('Dead'), maxReceiveCount: 3 } });
    await app({ Dead: queue({ QueueName: 'first' }), Jobs: source });
    const jobs = resource('Jobs').physicalId;
    events.length = 0;

    const done = await app({ Dead: queue({ QueueName: 'second' }), Jobs: source });

    expect(done).toEqual({ Dead: 'replaced', Jobs: 'updated', '-Dead': 'deleted' });
    expect(resource('Jobs').physicalId).toBe(jobs);
    expect((await attributes('Jobs')).RedrivePolicy).toContain(':second');
    expect((await queueNames()).filter((name) => !name.startsWith('App-'))).toEqual(['second']);
    const steps = events.filter(({ kind }) => kind.startsWith('cloudformation.'));
    expect(steps.map(({ kind, detail }) => `${kind} ${detail.logicalId ?? ''} ${detail.status}`)).toEqual([
      'cloudformation.resource Dead UPDATE_COMPLETE',
      'cloudformation.resource Jobs UPDATE_COMPLETE',
      'cloudformation.resource Dead DELETE_COMPLETE',
      'cloudformation.stack  UPDATE_COMPLETE',
    ]);
  });

  test('a queue without a name gets another one', async () => {
    const { app, resource, queueNames } = cloudOfVersions();
    await app({ Jobs: queue() });
    const before = resource('Jobs').physicalId;
    expect(await app({ Jobs: queue({ FifoQueue: true }) })).toEqual({ Jobs: 'replaced', '-Jobs': 'deleted' });
    expect(resource('Jobs').physicalId).not.toBe(before);
    expect(await queueNames()).toEqual([expect.stringMatching(/^App-Jobs-[A-Z0-9]{12}\.fifo$/)]);
  });

  test('of a resource that the template names is refused', async () => {
    const { app, lambda } = cloudOfVersions();
    const code = { Runtime: 'nodejs22.x', Handler: 'index.handler', Role: 'r', FunctionName: 'encode' };
    const zip = { ...code, Code: { ZipFile: 'exports.handler = async () => 1;' } };
    await app({ Fn: { Type: 'AWS::Lambda::Function', Properties: zip } });
    await expect(
      app({ Fn: { Type: 'AWS::Lambda::Function', Properties: { ...zip, PackageType: 'Zip' } } }),
    ).rejects.toThrow(
      'App: Resources.Fn: CloudFormation cannot update a stack when a custom-named resource requires replacing. ' +
        'Rename encode and update the stack again; the stack was rolled back to what it was',
    );
    await expect(lambda.getFunction({ FunctionName: 'encode' })).resolves.toBeDefined();
  });

  test('a resource cannot become one of another type', async () => {
    const { app } = cloudOfVersions();
    await app({ Jobs: queue() });
    await expect(app({ Jobs: { Type: 'AWS::SNS::Topic' } })).rejects.toThrow(
      'Update of resource type is not permitted. The new template modifies resource type of the following resources: [Jobs]',
    );
  });

  test('UpdateReplacePolicy and DeletionPolicy say what stays (Retain, RetainExceptOnCreate)', async () => {
    const { app, queueNames } = cloudOfVersions();
    const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
    await app({
      A: queue({ QueueName: 'a' }, kept),
      B: queue({ QueueName: 'b' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
      C: queue({ QueueName: 'c' }),
    });
    expect(await app({ A: queue({ QueueName: 'a2' }, kept) })).toEqual({
      A: 'replaced',
      '-A': 'retained',
      '-B': 'retained',
      '-C': 'deleted',
    });
    expect(await queueNames()).toEqual(['a', 'a2', 'b']);
    await expect(app({ A: queue({}, { DeletionPolicy: 'Keep' }) })).rejects.toThrow(
      'Resources.A.DeletionPolicy must be one of Delete, Retain, Snapshot, RetainExceptOnCreate, but was "Keep"',
    );
  });

  test('what is taken out goes in the reverse order of its dependencies', async () => {
    const { app, events } = cloudOfVersions();
    await app({ A: queue(), B: queue({}, { DependsOn: 'A' }), C: queue({}, { DependsOn: 'B' }), D: queue() });
    events.length = 0;
    await app({ D: queue() });
    const gone = events.filter(({ detail }) => detail.status === 'DELETE_COMPLETE');
    expect(gone.map(({ detail }) => detail.logicalId)).toEqual(['C', 'B', 'A']);
  });
});

describe('a failing update', () => {
  test('leaves everything as it was, and says which resource failed and why', async () => {
    const { app, attributes, resource, queueNames, sqs, events } = cloudOfVersions();
    const before = { Jobs: queue({ VisibilityTimeout: 90 }), Old: queue({ QueueName: 'old' }) };
    await app(before);
    const QueueUrl = resource('Jobs').physicalId;
    await sqs.sendMessage({ QueueUrl, MessageBody: 'kept' });
    const names = await queueNames();
    events.length = 0;

    const after = {
      Jobs: queue({ VisibilityTimeout: 120 }),
      New: queue({ QueueName: 'new' }),
      Old: queue({ QueueName: 'old2' }),
      Wrong: queue({ DelaySeconds: 9_999 }, { DependsOn: ['Jobs', 'New', 'Old'] }),
    };
    await expect(app(after)).rejects.toThrow(
      /^App: Resources\.Wrong: AWS::SQS::Queue: InvalidAttributeValue: .*; the stack was rolled back to what it was$/,
    );

    expect((await attributes('Jobs')).VisibilityTimeout).toBe('90');
    expect((await queueNames()).sort()).toEqual(names.sort());
    expect((await sqs.receiveMessage({ QueueUrl })).Messages).toHaveLength(1);
    const stack = events.filter(({ kind }) => kind === 'cloudformation.stack');
    expect(stack.map(({ detail }) => detail.status)).toEqual([
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE',
    ]);
    const failed = events.find(({ detail }) => detail.status === 'CREATE_FAILED');
    expect(failed).toMatchObject({ kind: 'cloudformation.resource', subject: 'App', detail: { logicalId: 'Wrong' } });
    expect(failed?.detail.reason).toContain('DelaySeconds');
    // And the stack can be updated once more.
    expect(await app(before)).toEqual({ Jobs: 'unchanged', Old: 'unchanged' });
  });

  test('of a new stack deletes what was created, but for what is to be retained', async () => {
    const { app, queueNames, emulator } = cloudOfVersions();
    const wrong = queue({ DelaySeconds: 9_999 }, { DependsOn: ['A', 'B', 'C'] });
    const resources = {
      A: queue({ QueueName: 'a' }),
      B: queue({ QueueName: 'b' }, { DeletionPolicy: 'Retain' }),
      C: queue({ QueueName: 'c' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
    };
    await expect(app({ ...resources, Wrong: wrong })).rejects.toThrow('Resources.Wrong');
    expect(await queueNames()).toEqual(['b']);
    expect(emulator.reports).toEqual([]);
  });
});

describe('exports', () => {
  const producer = (name: string, exports = true): JsonObject => ({
    Resources: { Jobs: queue({ QueueName: name }) },
    Outputs: exports ? { Arn: { Value: arn('Jobs'), Export: { Name: 'jobs-arn' } } } : {},
  });
  const consumer: JsonObject = {
    Resources: {
      Copy: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Type: 'String', Value: { 'Fn::ImportValue': 'jobs-arn' } },
      },
    },
  };

  test('in use by another stack can neither change nor go; in use by none they can', async () => {
    const { load, emulator, queueNames } = cloudOfVersions();
    await load({ Producer: producer('one'), Consumer: consumer });
    await expect(load({ Producer: producer('two') })).rejects.toThrow(
      'Producer: Export jobs-arn cannot be updated as it is in use by Consumer; the stack was rolled back',
    );
    await expect(load({ Producer: producer('one', false) })).rejects.toThrow(
      'Producer: Cannot delete export jobs-arn as it is in use by Consumer; the stack was rolled back',
    );
    expect(await queueNames()).toEqual(['one']);
    await expect(emulator.unload('Producer')).rejects.toThrow(
      'Producer: Delete canceled. Cannot delete export jobs-arn as it is in use by Consumer.',
    );
    await emulator.unload('Consumer');
    await load({ Producer: producer('three') });
    expect(await queueNames()).toEqual(['three']);
    await emulator.unload('Producer');
    expect(await queueNames()).toEqual([]);
    await expect(emulator.unload('Producer')).rejects.toThrow(
      'Producer: there is no such stack; deployed stacks: none',
    );
  });
});

describe('functions', () => {
  const fn = (body: string, more: JsonObject = {}): JsonObject => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'role',
      Code: { ZipFile: `exports.handler = async () => { ${body} };` },
      ...more,
    },
  });

  test('get other code and another environment; what runs ends in the code that it began with', async () => {
    const { app, lambda, resource, clock } = cloudOfVersions();
    await app({ Fn: fn('await new Promise((done) => setTimeout(done, 2000)); return "old";') });
    const FunctionName = resource('Fn').physicalId;
    const running = lambda.invoke({ FunctionName });
    await clock.advance(1_000);
    const environment = { Environment: { Variables: { STAGE: 'beta' } } };
    expect(await app({ Fn: fn('return `new ${process.env.STAGE}`;', environment) })).toEqual({ Fn: 'updated' });
    const answer = async (invocation: typeof running) => Buffer.from((await invocation).Payload ?? []).toString();
    expect(await answer(lambda.invoke({ FunctionName }))).toBe('"new beta"');
    await clock.advance(2_000);
    expect(await answer(running)).toBe('"old"');
  });

  test('their mappings are updated, and follow a queue that is replaced', async () => {
    const { app, lambda, sqs, resource, clock } = cloudOfVersions();
    const mapping = (Properties: JsonObject): JsonObject => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { FunctionName: { Ref: 'Fn' }, EventSourceArn: arn('Jobs'), ...Properties },
    });
    const code = fn('return;');
    await app({ Jobs: queue(), Fn: code, Map: mapping({ BatchSize: 5, MaximumBatchingWindowInSeconds: 1 }) });
    const UUID = resource('Map').physicalId;
    // Right after, when the mapping is still being created: CloudFormation would wait.
    expect(await app({ Jobs: queue(), Fn: code, Map: mapping({}) })).toMatchObject({ Map: 'updated' });
    const described = await lambda.getEventSourceMapping({ UUID });
    expect(described).toMatchObject({ BatchSize: 10, MaximumBatchingWindowInSeconds: 0 });

    const done = await app({ Jobs: queue({ QueueName: 'named' }), Fn: code, Map: mapping({}) });
    expect(done).toMatchObject({ Jobs: 'replaced', Map: 'replaced', '-Map': 'deleted', '-Jobs': 'deleted' });
    const QueueUrl = resource('Jobs').physicalId;
    await sqs.sendMessage({ QueueUrl, MessageBody: 'x' });
    await clock.advance(120_000);
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
    expect((await lambda.listEventSourceMappings({})).EventSourceMappings).toHaveLength(1);
  });

  test('are told of as before when they did not change', async () => {
    const { app, resource } = cloudOfVersions();
    const runtime = () => resource('Fn').properties.find(({ name }) => name === 'Runtime');
    await app({ Fn: fn('return 1;') });
    const before = runtime();
    await app({ Fn: fn('return 1;') });
    expect(runtime()).toEqual(before);
  });

  test('their versions stay when what changes has nothing to do with the code, and go when it does', async () => {
    const { app, lambda, resource } = cloudOfVersions();
    const version = (Properties: JsonObject): JsonObject => ({
      Type: 'AWS::Lambda::Version',
      DeletionPolicy: 'Delete',
      Properties: { FunctionName: { Ref: 'Fn' }, ...Properties },
    });
    const versions = async () => {
      const FunctionName = resource('Fn').physicalId;
      return (await lambda.listVersionsByFunction({ FunctionName })).Versions?.map(({ Version }) => Version);
    };
    await app({ Fn: fn('return 1;'), V1: version({}) });
    const ProvisionedConcurrencyConfig = { ProvisionedConcurrentExecutions: 2 };
    expect(await app({ Fn: fn('return 1;'), V1: version({ ProvisionedConcurrencyConfig }) })).toMatchObject({
      V1: 'updated',
    });
    expect(await versions()).toEqual(['$LATEST', '1']);
    // A changed function has a version of another logical id, as the CDK's currentVersion does it.
    const done = await app({ Fn: fn('return 2;'), V2: version({}) });
    expect(done).toEqual({ Fn: 'updated', V2: 'created', '-V1': 'deleted' });
    expect(await versions()).toEqual(['$LATEST', '2']);
  });

  test('whose code is an image are updated to an archive, and back', async () => {
    const { app, lambda, resource } = cloudOfVersions();
    const image = fn('return 1;', { Code: { ImageUri: 'image' } });
    await app({ Fn: image, Jobs: queue() });
    expect(await app({ Fn: image, Jobs: queue() })).toMatchObject({ Fn: 'unchanged' });
    for (const Fn of [fn('return 1;'), image]) {
      expect(await app({ Fn, Jobs: queue() })).toMatchObject({ Fn: 'updated' });
      const { Functions = [] } = await lambda.listFunctions({});
      expect(Functions.map(({ FunctionName }) => FunctionName)).toEqual([resource('Fn').physicalId]);
    }
  });
});

describe('groups', () => {
  const template = (UserData: string): JsonObject => ({
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: { LaunchTemplateData: { UserData: Buffer.from(`#!/bin/bash\n# ${UserData}`).toString('base64') } },
  });
  const group = (sizes: JsonObject, more: JsonObject = {}): JsonObject => ({
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      MinSize: '0',
      MaxSize: '5',
      AvailabilityZones: ['us-east-1a'],
      LaunchTemplate: {
        LaunchTemplateId: { Ref: 'Template' },
        Version: { 'Fn::GetAtt': ['Template', 'LatestVersionNumber'] },
      },
      ...sizes,
    },
    ...more,
  });
  const settled = async ({ emulator, clock }: ReturnType<typeof cloudOfVersions>, count: number) => {
    const [{ name }] = emulator.status().groups;
    const find = () => emulator.status().groups.find((each) => each.name === name)?.instances ?? [];
    const inService = () => find().filter(({ state }) => state === 'InService');
    expect(await clock.runUntil(() => inService().length === count && find().length === count, 600_000)).toBe(true);
    return inService().map(({ id }) => id);
  };

  test('keep their instances when their launch template gets another version, which the next instances have', async () => {
    const world = cloudOfVersions();
    const { app, resource, autoScaling } = world;
    await app({ Template: template('one'), Group: group({ DesiredCapacity: '2' }) });
    const before = await settled(world, 2);
    const done = await app({ Template: template('two'), Group: group({ DesiredCapacity: '2' }) });
    expect(done).toEqual({ Template: 'updated', Group: 'updated' });
    expect(resource('Template').attributes.LatestVersionNumber).toBe('2');
    expect(await settled(world, 2)).toEqual(before);
    const { AutoScalingGroups } = await autoScaling.describeAutoScalingGroups({});
    expect(AutoScalingGroups?.[0].LaunchTemplate?.Version).toBe('2');
  });

  test('are refreshed where the update policy says so, when what they are launched from changes; by the last version', async () => {
    const world = cloudOfVersions();
    const { app, autoScaling, clock, emulator } = world;
    const refreshing = {
      UpdatePolicy: {
        AutoScalingInstanceRefresh: {
          Strategy: 'Rolling',
          Preferences: { MinHealthyPercentage: 50, InstanceWarmup: 0 },
        },
      },
    };
    const sizes = { DesiredCapacity: '2' };
    await app({ Template: template('one'), Group: group(sizes, refreshing) });
    const before = await settled(world, 2);
    await app({ Template: template('one'), Group: group({ ...sizes, Cooldown: '60' }, refreshing) });
    const AutoScalingGroupName = emulator.status().groups[0].name;
    const refreshes = async () =>
      (await autoScaling.describeInstanceRefreshes({ AutoScalingGroupName })).InstanceRefreshes?.map(
        ({ Status }) => Status,
      );
    expect(await refreshes()).toEqual([]);
    await app({ Template: template('two'), Group: group(sizes, refreshing) });
    await clock.advance(10_000);
    await app({ Template: template('three'), Group: group(sizes, refreshing) });
    await clock.advance(600_000);
    expect(await refreshes()).toEqual(['Successful', 'Cancelled']);
    const { AutoScalingInstances = [] } = await autoScaling.describeAutoScalingInstances({});
    expect(AutoScalingInstances.map(({ LaunchTemplate }) => LaunchTemplate?.Version)).toEqual(['3', '3']);
    expect((await settled(world, 2)).filter((id) => before.includes(id))).toEqual([]);
  });

  test('are set back to the capacity of the template by each update that touches them, unless told not to', async () => {
    const world = cloudOfVersions();
    const { app, resource, autoScaling, emulator } = world;
    const desired = () => emulator.status().groups[0].desired;
    const ignoring = {
      UpdatePolicy: { AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } },
    };
    await app({ Template: template('one'), Group: group({ DesiredCapacity: '1' }) });
    const scale = () =>
      autoScaling.setDesiredCapacity({ AutoScalingGroupName: resource('Group').physicalId, DesiredCapacity: 4 });
    await scale();
    await app({ Template: template('one'), Group: group({ DesiredCapacity: '1' }), Other: queue() });
    expect(desired()).toBe(4);
    await app({ Template: template('one'), Group: group({ DesiredCapacity: '1', Cooldown: '60' }) });
    expect(desired()).toBe(1);
    await scale();
    await app({ Template: template('one'), Group: group({ DesiredCapacity: '1', Cooldown: '70' }, ignoring) });
    expect(desired()).toBe(4);
    await app({ Template: template('one'), Group: group({ DesiredCapacity: '2', Cooldown: '70' }, ignoring) });
    expect(desired()).toBe(2);
    const Tags = [{ Key: 'team', Value: 'video', PropagateAtLaunch: true }];
    await app({ Template: template('one'), Group: group({ DesiredCapacity: '2', Tags }, ignoring) });
    const [described] = (await autoScaling.describeAutoScalingGroups({})).AutoScalingGroups ?? [];
    expect(described.DefaultCooldown).toBe(300);
    expect(described.Tags?.at(-1)).toMatchObject({ Key: 'team', Value: 'video' });
  });

  test('are replaced where the update policy says so, with their policies', async () => {
    const world = cloudOfVersions();
    const { app, resource, autoScaling, clock, emulator } = world;
    const replacing = { UpdatePolicy: { AutoScalingReplacingUpdate: { WillReplace: true } } };
    const policy: JsonObject = {
      Type: 'AWS::AutoScaling::ScalingPolicy',
      Properties: {
        AutoScalingGroupName: { Ref: 'Group' },
        AdjustmentType: 'ChangeInCapacity',
        ScalingAdjustment: 1,
      },
    };
    const version = (name: string) => ({
      Template: template(name),
      Group: group({ DesiredCapacity: '1' }, replacing),
      Policy: policy,
    });
    await app(version('one'));
    const before = resource('Group').physicalId;
    await settled(world, 1);
    expect(await app(version('two'))).toEqual({
      Template: 'updated',
      Group: 'replaced',
      Policy: 'replaced',
      '-Policy': 'deleted',
      '-Group': 'deleted',
    });
    const after = resource('Group').physicalId;
    expect(after).not.toBe(before);
    await clock.runUntil(() => emulator.status().groups.length === 1, 600_000);
    expect(emulator.status().groups.map(({ name }) => name)).toEqual([after]);
    const { ScalingPolicies } = await autoScaling.describePolicies({});
    expect(ScalingPolicies?.map(({ AutoScalingGroupName }) => AutoScalingGroupName)).toEqual([after]);
  });

  test.each([
    [
      'AutoScalingInstanceRefresh',
      {
        Strategy: 'Rolling',
        Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 10 },
      },
      { MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 10 },
    ],
    [
      'AutoScalingRollingUpdate',
      { MinInstancesInService: 1, MaxBatchSize: 2, PauseTime: 'PT1M5S' },
      { MinHealthyPercentage: 50, InstanceWarmup: 65 },
    ],
  ])('have their instances replaced by %s, once the update has succeeded', async (name, policy, preferences) => {
    const world = cloudOfVersions();
    const { app, autoScaling, resource, clock, emulator } = world;
    const version = (userData: string, more: JsonObject = {}) => ({
      Template: template(userData),
      Group: group({ DesiredCapacity: '2' }, { UpdatePolicy: { [name]: policy } }),
      ...more,
    });
    await app(version('one'));
    const before = await settled(world, 2);
    const refreshes = async () => {
      const AutoScalingGroupName = resource('Group').physicalId;
      return (await autoScaling.describeInstanceRefreshes({ AutoScalingGroupName })).InstanceRefreshes ?? [];
    };
    await expect(
      app(version('wrong', { Wrong: queue({ DelaySeconds: 9_999 }, { DependsOn: 'Group' }) })),
    ).rejects.toThrow();
    expect(await refreshes()).toEqual([]);

    await app(version('two'));
    expect((await refreshes())[0].Preferences).toMatchObject(preferences);
    const instances = () => emulator.status().groups[0].instances.filter(({ state }) => state === 'InService');
    const replaced = () => instances().length === 2 && instances().every(({ id }) => !before.includes(id));
    expect(await clock.runUntil(replaced, 30 * 60_000)).toBe(true);
    const after = instances().map(({ id }) => id);
    await clock.advance(30 * 60_000);

    await app({ ...version('two'), Other: queue() }); // does not touch the group
    await clock.advance(30 * 60_000);
    expect(instances().map(({ id }) => id)).toEqual(after);
    expect(await refreshes()).toHaveLength(1);
  });

  test('tell which parts of an UpdatePolicy are not emulated', async () => {
    const { app, resource } = cloudOfVersions();
    const rolling = {
      UpdatePolicy: { AutoScalingRollingUpdate: { MaxBatchSize: 2, SuspendProcesses: ['AZRebalance'] }, Other: {} },
      CreationPolicy: {},
    };
    await app({ Template: template('one'), Group: group({}, rolling) });
    expect(resource('Group').properties.filter(({ name }) => name.includes('Policy'))).toEqual([
      { name: 'CreationPolicy', status: 'inert', note: expect.any(String) as string },
      { name: 'UpdatePolicy.AutoScalingRollingUpdate', status: 'emulated', note: expect.any(String) as string },
      {
        name: 'UpdatePolicy.AutoScalingRollingUpdate.SuspendProcesses',
        status: 'unsupported',
        note: expect.any(String) as string,
      },
      { name: 'UpdatePolicy.Other', status: 'unsupported' },
    ]);
  });
});

describe('nested stacks', () => {
  /** An assembly whose stack has a nested one, and the asset of its template. */
  const withNested = (inner: JsonObject, own: JsonObject = {}): string => {
    const directory = mkdtempSync(join(tmpdir(), 'spillway-nested-'));
    const key = `${createHash('sha256').update(JSON.stringify(inner)).digest('hex')}.json`;
    const write = (name: string, content: unknown) => writeFileSync(join(directory, name), JSON.stringify(content));
    write(key, inner);
    const TemplateURL = `https://s3.us-east-1.amazonaws.com/assets/${key}`;
    const Nested = { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } };
    const Copy = {
      Type: 'AWS::SSM::Parameter',
      Properties: { Type: 'String', Value: { 'Fn::GetAtt': ['Nested', 'Outputs.Name'] } },
    };
    write('App.template.json', { Resources: { Nested, Copy, ...own } });
    write('assets.json', {
      files: {
        [key]: { source: { path: key }, destinations: { here: { bucketName: 'assets', objectKey: key } } },
      },
    });
    write('manifest.json', {
      version: '50.0.0',
      artifacts: {
        assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
        App: { type: 'aws:cloudformation:stack', properties: { templateFile: 'App.template.json' } },
      },
    });
    return directory;
  };
  const inner = (name: string, more: JsonObject = {}): JsonObject => ({
    Resources: { Jobs: queue({ QueueName: name }), Kept: queue(more) },
    Outputs: { Name: { Value: { 'Fn::GetAtt': ['Jobs', 'QueueName'] } } },
  });

  test('are updated as their parent is, rolled back with it, and deleted with it', async () => {
    const { emulator, queueNames, resource } = cloudOfVersions();
    await emulator.load(withNested(inner('one')));
    const kept = resource('Kept').physicalId;
    const [report] = await emulator.load(withNested(inner('two', { DelaySeconds: 1 })));
    expect(report.resources.map(({ logicalId, action }) => [logicalId, action])).toEqual([
      ['Nested', 'updated'],
      ['Copy', 'updated'],
    ]);
    expect(report.nested[0].resources.map(({ action }) => action)).toEqual(['replaced', 'updated']);
    expect(resource('Copy').attributes.Value).toBe('two');
    expect(resource('Kept').physicalId).toBe(kept);
    expect((await queueNames()).filter((name) => name.length < 9)).toEqual(['two']);

    const wrong = queue({ DelaySeconds: 9_999 }, { DependsOn: 'Nested' });
    await expect(emulator.load(withNested(inner('three'), { Wrong: wrong }))).rejects.toThrow('rolled back');
    expect((await queueNames()).filter((name) => name.length < 9)).toEqual(['two']);
    const [again] = await emulator.load(withNested(inner('two', { DelaySeconds: 1 })));
    expect(again.resources.map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);
    expect(again.nested[0].resources.map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);

    await emulator.unload('App');
    expect(await queueNames()).toEqual([]);
  });
});

describe('the text of an update', () => {
  test('has the counts, what was done with which resource, and what is not supported of these', async () => {
    const { load } = cloudOfVersions();
    const topic = { Type: 'AWS::SNS::Topic', Properties: {} };
    const kept = queue({ QueueName: 'k' }, { DeletionPolicy: 'Retain' });
    await load({ App: { Resources: { A: queue(), B: queue(), C: queue(), D: queue(), Kept: kept, Topic: topic } } });
    const [report] = await load({
      App: {
        Resources: {
          A: queue(),
          B: queue({ DelaySeconds: 1, Colour: 'red' }),
          C: queue({ FifoQueue: true }),
          E: queue({}, { Metadata: { 'aws:cdk:path': 'App/Extra/Resource' } }),
          Topic: topic,
        },
      },
    });
    expect(formatChanges(report)).toBe(
      [
        'App: 1 created, 1 updated, 1 replaced, 1 deleted, 2 unchanged',
        '    created   AWS::SQS::Queue  App/Extra',
        '    updated   AWS::SQS::Queue  B',
        '    replaced  AWS::SQS::Queue  C',
        '    retained  AWS::SQS::Queue  Kept',
        '    deleted   AWS::SQS::Queue  D',
        '  ! AWS::SQS::Queue  B has unsupported properties: Colour',
      ].join('\n'),
    );
  });
});

describe('a reset', () => {
  test('deploys the last version of each stack anew, and only that', async () => {
    const { load, emulator, queueNames } = cloudOfVersions();
    await load({ App: { Resources: { A: queue({ QueueName: 'a' }) } }, Other: { Resources: { C: queue() } } });
    await load({ App: { Resources: { A: queue({ QueueName: 'b' }) } } });
    await emulator.reset();
    expect(emulator.reports.map(({ stackName }) => stackName)).toEqual(['App', 'Other']);
    expect((await queueNames()).filter((name) => name.length === 1)).toEqual(['b']);
  });
});
