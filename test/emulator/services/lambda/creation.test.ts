import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import * as sdk from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ACCOUNT, contract, type ContractCloud, expectRefused, REGION } from '../../../support/contract-cloud';
import { zipOf } from './zip';

const CODE =
  'exports.handler = async (event, { functionVersion }) => ({ event, functionVersion, env: process.env.STAGE });';
const invalid = (message?: string | RegExp) => ({ name: 'InvalidParameterValueException', message });

/** A client's call, and the ARN of a role that trusts Lambda. */
async function withRole(cloud: ContractCloud) {
  const lambda = cloud.client(sdk.LambdaClient);
  const role = async (RoleName: string, Service: string) => {
    const statement = { Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const { Role } = await cloud.client(IAMClient).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    return Role?.Arn ?? '';
  };
  const Role = await role('worker', 'lambda.amazonaws.com');
  const create = (more: Partial<sdk.CreateFunctionCommandInput> = {}) =>
    lambda.send(
      new sdk.CreateFunctionCommand({
        FunctionName: 'jobs',
        Role,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: zipOf({ 'index.js': CODE }) },
        ...more,
      }),
    );
  return { lambda, role, create, Role };
}

contract('§4.7 functions by API', {
  'a function is created from a zip archive, with the defaults of AWS, and runs': async (cloud) => {
    const { lambda, create, Role } = await withRole(cloud);
    expect(await create({ Environment: { Variables: { STAGE: 'test' } }, Tags: { team: 'orders' } })).toMatchObject({
      FunctionName: 'jobs',
      FunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:jobs`,
      Role,
      Timeout: 3,
      MemorySize: 128,
      State: 'Active',
      Version: '$LATEST',
      CodeSha256: expect.stringMatching(/^[\w+/]{43}=$/) as string,
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/jobs' },
    });
    await expectRefused(create(), {
      name: 'ResourceConflictException',
      status: 409,
      message: 'Function already exist: jobs',
    });
    const invoke = new sdk.InvokeCommand({ FunctionName: 'jobs', Payload: Buffer.from('{"a":1}') });
    const { Payload } = await cloud.invoked(lambda.send(invoke));
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({
      event: { a: 1 },
      functionVersion: '$LATEST',
      env: 'test',
    });
    expect((await lambda.send(new sdk.GetFunctionCommand({ FunctionName: 'jobs' }))).Tags).toEqual({ team: 'orders' });
    await lambda.send(
      new sdk.UpdateFunctionCodeCommand({
        FunctionName: 'jobs',
        ZipFile: zipOf({ 'index.js': CODE.replace('({ event,', '({ changed: true, event,') }),
      }),
    );
    const changed = await cloud.invoked(lambda.send(invoke));
    expect(JSON.parse(Buffer.from(changed.Payload ?? []).toString())).toMatchObject({ changed: true });
    await lambda.send(new sdk.DeleteFunctionCommand({ FunctionName: 'jobs' }));
    await create({ Publish: true });
    expect((await lambda.send(new sdk.ListVersionsByFunctionCommand({ FunctionName: 'jobs' }))).Versions).toHaveLength(
      2,
    );
  },
  'its role has to be of the account, to exist, and to trust Lambda': async (cloud) => {
    const { lambda, create, role } = await withRole(cloud);
    const notAssumable = invalid('The role defined for the function cannot be assumed by Lambda.');
    await expectRefused(create({ Role: `arn:aws:iam::${ACCOUNT}:role/none` }), notAssumable);
    await expectRefused(create({ Role: await role('server', 'ec2.amazonaws.com') }), notAssumable);
    await expectRefused(create({ Role: 'arn:aws:iam::111122223333:role/worker' }), {
      name: 'AccessDeniedException',
      status: 403,
      message: 'Cross-account pass role is not allowed.',
    });
    await expectRefused(create({ Role: 'worker' }), {
      name: 'ValidationException',
      message: /at 'role' failed to satisfy constraint/,
    });
    await create();
    const update = new sdk.UpdateFunctionConfigurationCommand({
      FunctionName: 'jobs',
      Role: `arn:aws:iam::${ACCOUNT}:role/none`,
    });
    await expectRefused(lambda.send(update), notAssumable);
  },
  'what AWS refuses, and what is not emulated': async (cloud) => {
    const { lambda, create } = await withRole(cloud);
    await expectRefused(
      create({ Runtime: 'nodejs4.3' }),
      invalid(/^Value nodejs4.3 at 'runtime' failed to satisfy constraint/),
    );
    await expectRefused(
      create({ Handler: undefined }),
      invalid('Runtime and Handler are mandatory parameters for functions created with deployment packages.'),
    );
    await expectRefused(create({ Timeout: 901 }), { name: 'ValidationException' });
    await expectRefused(create({ FunctionName: 'a b' }), { name: 'ValidationException' });
    await expectRefused(create({ Code: {} }), invalid('Please provide a source for function code.'));
    await expectRefused(
      create({ Code: { ZipFile: Buffer.from('no zip') } }),
      invalid(/^Could not unzip uploaded file/),
    );
    await expectRefused(create({ Code: { S3Bucket: 'b', S3Key: 'k' } }), invalid(/S3Bucket is not emulated/));
    await expectRefused(create({ PackageType: 'Image' }), invalid(/Container images are not emulated/));
    await create();
    const url = new sdk.CreateFunctionUrlConfigCommand({ FunctionName: 'jobs', AuthType: 'NONE' });
    await expectRefused(lambda.send(url), {
      name: 'UnknownOperationException',
      status: 404,
      message: /CreateFunctionUrlConfig/,
    });
  },
  'layers are published, read, listed and deleted; their numbers are not given again': async (cloud) => {
    const lambda = cloud.client(sdk.LambdaClient);
    const publish = (text: string) =>
      lambda.send(
        new sdk.PublishLayerVersionCommand({
          LayerName: 'shared',
          Description: text,
          CompatibleRuntimes: ['nodejs22.x'],
          Content: { ZipFile: zipOf({ 'nodejs/node_modules/shared/index.js': text }) },
        }),
      );
    const LayerArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:layer:shared`;
    expect(await publish('one')).toMatchObject({ LayerArn, LayerVersionArn: `${LayerArn}:1`, Version: 1 });
    await publish('two');
    const got = await lambda.send(new sdk.GetLayerVersionByArnCommand({ Arn: `${LayerArn}:2` }));
    expect(got).toMatchObject({ Version: 2, Description: 'two', Content: { CodeSize: expect.any(Number) as number } });
    const { LayerVersions } = await lambda.send(new sdk.ListLayerVersionsCommand({ LayerName: LayerArn }));
    expect(LayerVersions?.map(({ Version }) => Version)).toEqual([2, 1]);
    await lambda.send(new sdk.DeleteLayerVersionCommand({ LayerName: 'shared', VersionNumber: 2 }));
    await lambda.send(new sdk.DeleteLayerVersionCommand({ LayerName: 'shared', VersionNumber: 2 }));
    const { Layers } = await lambda.send(new sdk.ListLayersCommand({ CompatibleRuntime: 'nodejs22.x' }));
    expect(Layers).toMatchObject([{ LayerName: 'shared', LatestMatchingVersion: { Version: 1 } }]);
    expect((await lambda.send(new sdk.ListLayersCommand({ CompatibleRuntime: 'python3.13' }))).Layers).toEqual([]);
    const deleted = new sdk.GetLayerVersionCommand({ LayerName: 'shared', VersionNumber: 2 });
    await expectRefused(lambda.send(deleted), { name: 'ResourceNotFoundException', status: 404 });
    expect(await publish('three')).toMatchObject({ Version: 3 });
    await expectRefused(lambda.send(new sdk.PublishLayerVersionCommand({ LayerName: 'a b', Content: {} })), {
      name: 'ValidationException',
    });
  },
  'a function by API, with layers, consumes a queue': async (cloud) => {
    const { lambda, create } = await withRole(cloud);
    const layer = async (LayerName: string, files: Record<string, string>) => {
      const publish = new sdk.PublishLayerVersionCommand({ LayerName, Content: { ZipFile: zipOf(files) } });
      return (await lambda.send(publish)).LayerVersionArn ?? '';
    };
    const Layers = [
      await layer('greetings', { 'nodejs/node_modules/greeting/index.js': 'module.exports = "hello ";', name: 'one' }),
      await layer('names', { name: 'two' }),
    ];
    const code = `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
      exports.handler = ({ Records: [{ body }] }) => new SQSClient({}).send(new SendMessageCommand({
        QueueUrl: 'done',
        MessageBody: require('greeting') + require('fs').readFileSync('/opt/name') + body,
      }));`;
    const created = await create({ Timeout: 10, Layers, Code: { ZipFile: zipOf({ 'index.js': code }) } });
    expect(created.Layers).toEqual(Layers.map((Arn) => ({ Arn, CodeSize: expect.any(Number) as number })));
    const sqs = cloud.client(SQSClient);
    await sqs.send(new CreateQueueCommand({ QueueName: 'done' }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    const EventSourceArn = `arn:aws:sqs:${REGION}:${ACCOUNT}:jobs`;
    await lambda.send(new sdk.CreateEventSourceMappingCommand({ FunctionName: 'jobs', EventSourceArn }));
    // A function keeps the layers that are deleted.
    for (const LayerName of ['greetings', 'names']) {
      await lambda.send(new sdk.DeleteLayerVersionCommand({ LayerName, VersionNumber: 1 }));
    }
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '!' }));
    await cloud.advance(60_000);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: 'done' }));
    expect(Messages?.map(({ Body }) => Body)).toEqual(['hello two!']);
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
    const update = new sdk.UpdateFunctionConfigurationCommand({ FunctionName: 'jobs', Layers: [] });
    expect((await lambda.send(update)).Layers).toBeUndefined();
  },
  'layers that a function cannot have': async (cloud) => {
    const { lambda, create } = await withRole(cloud);
    const publish = { LayerName: 'l', Content: { ZipFile: zipOf({ file: '' }) } };
    for (let version = 1; version <= 2; version++) await lambda.send(new sdk.PublishLayerVersionCommand(publish));
    const layers = `arn:aws:lambda:${REGION}:${ACCOUNT}:layer`;
    await expectRefused(create({ Layers: [`${layers}:l:3`] }), invalid(`Layer version ${layers}:l:3 does not exist.`));
    await expectRefused(create({ Layers: [`${layers}:l:1`, `${layers}:l:2`] }), invalid(/^Two different versions/));
    await expectRefused(
      create({ Layers: [`arn:aws:lambda:${REGION}:017000801446:layer:AWSLambdaPowertoolsTypeScriptV2:1`] }),
      invalid(/^Layers of other accounts and Regions are not emulated/),
    );
    await expectRefused(create({ Layers: ['l'] }), { name: 'ValidationException', message: /at 'layers' failed/ });
  },
  'an event that failed goes to the dead-letter queue of its function': async (cloud) => {
    const { lambda, create } = await withRole(cloud);
    const sqs = cloud.client(SQSClient);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const TargetArn = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead`;
    const code = "exports.handler = () => { throw new TypeError('x'.repeat(2000)); };";
    const Code = { ZipFile: zipOf({ 'index.js': code }) };
    await expectRefused(create({ DeadLetterConfig: { TargetArn: `${TargetArn}.fifo` } }), invalid(/standard queue/));
    await expectRefused(create({ EphemeralStorage: { Size: 511 } }), { name: 'ValidationException' });
    const created = await create({ Code, DeadLetterConfig: { TargetArn }, EphemeralStorage: { Size: 1024 } });
    expect(created).toMatchObject({ DeadLetterConfig: { TargetArn }, EphemeralStorage: { Size: 1024 } });
    const event = { FunctionName: 'jobs', InvocationType: 'Event', Payload: Buffer.from('{"a":1}') } as const;
    await lambda.send(new sdk.InvokeCommand(event));
    await cloud.advance(240_000);
    const receive = new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] });
    const { Messages } = await sqs.send(receive);
    expect(Messages).toMatchObject([
      {
        Body: '{"a":1}',
        MessageAttributes: {
          RequestID: { DataType: 'String', StringValue: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
          ErrorCode: { DataType: 'Number', StringValue: '200' },
          ErrorMessage: { DataType: 'String', StringValue: 'x'.repeat(1024) },
        },
      },
    ]);
    // A queue that is gone is counted.
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await lambda.send(new sdk.InvokeCommand(event));
    await cloud.advance(240_000);
    expect(cloud.events.filter(({ kind }) => kind === 'lambda.deadLetterFailed')).toHaveLength(1);
    const update = { FunctionName: 'jobs', DeadLetterConfig: { TargetArn: '' } };
    const updated = await lambda.send(new sdk.UpdateFunctionConfigurationCommand(update));
    expect(updated.DeadLetterConfig).toBeUndefined();
    expect(updated.EphemeralStorage).toEqual({ Size: 1024 });
  },
});
