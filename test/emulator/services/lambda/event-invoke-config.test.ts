import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  ListFunctionEventInvokeConfigsCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { formatReport } from '../../../../lib/emulator';
import { HOUR, MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { arnOf, inline, LocalLambda, queueArn } from './local-lambda';

const DOES = `exports.handler = async ({ throws, sleep }) => {
  if (sleep) await new Promise((done) => setTimeout(done, sleep));
  if (throws) throw new TypeError(throws);
  return 'done';
};`;

const FunctionName = 'encoder';

describe('configured asynchronous invocations', () => {
  let cloud: LocalLambda;
  let start: number;
  beforeEach(async () => {
    cloud = await LocalLambda.deploy({
      Told: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'Told' } },
      Encoder: inline(FunctionName, DOES, { Timeout: 900 }),
      Busy: inline('busy', DOES, { Timeout: 900, ReservedConcurrentExecutions: 1 }),
      None: inline('none', DOES, { ReservedConcurrentExecutions: 0 }),
      Config: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: 'Busy' },
          Qualifier: '$LATEST',
          MaximumEventAgeInSeconds: 60,
          DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Told', 'Arn'] } } },
        },
      },
    });
    start = cloud.clock.now();
  });
  afterEach(() => cloud.stop());

  const put = (input: Partial<PutFunctionEventInvokeConfigCommandInput>) =>
    cloud.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...input }));
  const trigger = (name: string, event: object) =>
    cloud.lambda.send(
      new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)) }),
    );
  const told = async (): Promise<unknown[]> => {
    const { Messages = [] } = await cloud.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: 'Told', MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    return Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown);
  };
  const attempts = () => cloud.of('lambda.invoked').map(({ at }) => at - start);
  const reasons = () => cloud.of('lambda.dropped').map(({ detail }) => detail.reason);

  test.each([
    [0, [0]],
    [1, [0, MINUTE]],
    [2, [0, MINUTE, 3 * MINUTE]],
  ])('%i retries', async (MaximumRetryAttempts, expected) => {
    await put({ MaximumRetryAttempts });
    await trigger(FunctionName, { throws: 'always' });
    await cloud.clock.advance(HOUR);
    expect(attempts()).toEqual(expected);
    expect(reasons()).toEqual(['RetriesExhausted']);
  });

  test('destinations receive records of failed and successful events', async () => {
    const queue = { Destination: queueArn('Told') };
    await put({ MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: queue, OnSuccess: queue } });
    await trigger(FunctionName, { throws: 'no frames' });
    await cloud.clock.advance(2 * MINUTE);
    const error = { errorType: 'TypeError', errorMessage: 'no frames', trace: expect.any(Array) as unknown[] };
    expect(await told()).toEqual([
      {
        version: '1.0',
        timestamp: new Date(start + MINUTE).toISOString(),
        requestContext: {
          requestId: cloud.of('lambda.invoked')[0].detail.request,
          functionArn: arnOf('function:encoder:$LATEST'),
          condition: 'RetriesExhausted',
          approximateInvokeCount: 2,
        },
        requestPayload: { throws: 'no frames' },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: error,
      },
    ]);
    await trigger(FunctionName, {});
    await cloud.clock.advance(SECOND);
    expect(await told()).toMatchObject([
      {
        requestContext: { condition: 'Success', approximateInvokeCount: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST' },
        responsePayload: 'done',
      },
    ]);
  });

  test('an event bus gets records of successes and failures', async () => {
    const { emulator } = cloud;
    const Destination = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
    await put({
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnSuccess: { Destination }, OnFailure: { Destination } },
    });
    const client = new EventBridgeClient(emulator.clientConfig());
    await client.send(
      new PutRuleCommand({
        Name: 'Results',
        EventPattern: JSON.stringify({ source: ['lambda'], resources: [arnOf('function:encoder:$LATEST')] }),
      }),
    );
    const input = { Id: 'told', Arn: queueArn('Told') };
    await client.send(new PutTargetsCommand({ Rule: 'Results', Targets: [input] }));
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn('Told'),
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await cloud.sqs.send(new SetQueueAttributesCommand({ QueueUrl: 'Told', Attributes: { Policy } }));
    await trigger(FunctionName, {});
    await trigger(FunctionName, { throws: 'x' });
    await cloud.clock.advance(MINUTE);
    const records = (await told()) as { 'detail-type': string; detail: { requestContext: object } }[];
    expect(records.map((record) => [record['detail-type'], record.detail.requestContext])).toEqual(
      expect.arrayContaining([
        ['Lambda Function Invocation Result - Success', expect.objectContaining({ condition: 'Success' })],
        ['Lambda Function Invocation Result - Failure', expect.objectContaining({ condition: 'RetriesExhausted' })],
      ]),
    );
  });

  test('a template may name a destination that is not emulated, which is reported', async () => {
    const other = await LocalLambda.deploy(
      {
        Encoder: inline('other', DOES),
        Config: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Encoder' },
            Qualifier: '$LATEST',
            MaximumRetryAttempts: 0,
            DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::records' } },
          },
        },
      },
      { strict: false },
    );
    expect(formatReport(other.emulator.reports[0])).toContain(
      'DestinationConfig (nothing is sent to arn:aws:s3:::records)',
    );
    const get = new GetFunctionEventInvokeConfigCommand({ FunctionName: 'other' });
    expect(await other.lambda.send(get)).toMatchObject({ MaximumRetryAttempts: 0 });
    await other.stop();
  });

  test('an event that waits for a throttled function becomes too old; the template says when', async () => {
    const { answer: running } = await cloud.begin({ FunctionName: 'busy' }, { sleep: 5 * MINUTE });
    await trigger('busy', { id: 1 });
    await cloud.clock.advance(10 * MINUTE);
    await running;
    expect(reasons()).toEqual(['EventAgeExceeded']);
    expect(cloud.of('lambda.dropped')[0].at - start).toBeLessThanOrEqual(MINUTE);
    expect(await told()).toEqual([
      expect.objectContaining({
        requestContext: expect.objectContaining({
          condition: 'EventAgeExceeded',
          approximateInvokeCount: 0,
        }) as unknown,
        requestPayload: { id: 1 },
      }),
    ]);
  });

  test('for a function that may never run nothing waits', async () => {
    await trigger('none', {});
    await cloud.clock.advance(SECOND);
    expect(reasons()).toEqual(['ZeroReservedConcurrency']);
  });

  test('a queue that is gone is not told, which is counted', async () => {
    await put({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: queueArn('Told') } } });
    await cloud.sqs.send(new DeleteQueueCommand({ QueueUrl: 'Told' }));
    await trigger(FunctionName, { throws: 'x' });
    await cloud.clock.advance(MINUTE);
    expect(cloud.of('lambda.destinationFailed')).toHaveLength(1);
    expect(await cloud.metric('DestinationDeliveryFailures', 'Sum', { FunctionName }, start)).toEqual([1]);
  });

  test('configurations are of a function, a version or an alias each', async () => {
    await cloud.lambda.send(new PublishVersionCommand({ FunctionName }));
    const { $metadata: _, ...latest } = await put({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 2 });
    expect(latest).toEqual({
      FunctionArn: arnOf('function:encoder:$LATEST'),
      LastModified: expect.any(Date) as Date,
      DestinationConfig: { OnSuccess: {}, OnFailure: {} },
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 2,
    });
    await put({ Qualifier: '1', MaximumRetryAttempts: 0 });
    const update = { FunctionName, MaximumRetryAttempts: 1 };
    expect(await cloud.lambda.send(new UpdateFunctionEventInvokeConfigCommand(update))).toMatchObject({
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 1,
    });
    // What is put takes the place of all that was.
    expect((await put({ MaximumRetryAttempts: 0 })).MaximumEventAgeInSeconds).toBeUndefined();
    const listed = await cloud.lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName }));
    expect(listed.FunctionEventInvokeConfigs?.map(({ FunctionArn }) => FunctionArn)).toEqual([
      arnOf('function:encoder:$LATEST'),
      arnOf('function:encoder:1'),
    ]);
    await cloud.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: '1' }));
    const get = new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: '1' });
    await expect(cloud.lambda.send(get)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `The function ${arnOf('function:encoder:1')} doesn't have an EventInvokeConfig`,
    });
  });

  test.each<[Partial<PutFunctionEventInvokeConfigCommandInput>, string, RegExp]>([
    [
      {},
      'InvalidParameterValueException',
      /^You must specify at least one of error handling or destination setting\.$/,
    ],
    [
      { FunctionName: 'nobody', MaximumRetryAttempts: 1 },
      'ResourceNotFoundException',
      /^The function doesn't exist\.$/,
    ],
    [{ Qualifier: 'nobody', MaximumRetryAttempts: 1 }, 'ResourceNotFoundException', /^The function doesn't exist\.$/],
    [{ MaximumRetryAttempts: 3 }, 'ValidationException', /'3' at 'maximumRetryAttempts'.*less than or equal to 2/],
    [{ MaximumEventAgeInSeconds: 59 }, 'ValidationException', /'59' at 'maximumEventAgeInSeconds'/],
    [
      { DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::records' } } },
      'InvalidParameterValueException',
      /is not emulated: queues, topics, functions and event buses are\.$/,
    ],
    [
      { DestinationConfig: { OnFailure: { Destination: queueArn('Told.fifo') } } },
      'InvalidParameterValueException',
      /^The destination ARN arn:aws:sqs:[^ ]*:Told\.fifo is invalid\.$/,
    ],
    [
      { DestinationConfig: { OnSuccess: { Destination: queueArn('Told.fifo') } } },
      'InvalidParameterValueException',
      /^The destination ARN arn:aws:sqs:[^ ]*:Told\.fifo is invalid\.$/,
    ],
  ])('refused: %j', async (input, name, message) => {
    await expect(put(input)).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
  });
});
