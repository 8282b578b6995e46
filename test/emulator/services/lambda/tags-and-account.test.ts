import {
  CreateEventSourceMappingCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-lambda';
import { arnOf, inline, LocalLambda, queueArn } from './local-lambda';

const CODE = 'exports.handler = async () => 1;';

describe('tags and account', () => {
  let cloud: LocalLambda;
  beforeEach(async () => {
    cloud = await LocalLambda.deploy({
      Videos: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'Videos' } },
      Encoder: inline('encoder', CODE, { Tags: [{ Key: 'stage', Value: 'test' }] }),
      Other: inline('other', CODE, { ReservedConcurrentExecutions: 50 }),
    });
  });
  afterEach(() => cloud.stop());

  const Resource = arnOf('function:encoder');
  /** All but CloudFormation's own. */
  const own = (tags: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('aws:')));
  const list = async (arn = Resource) => own((await cloud.lambda.send(new ListTagsCommand({ Resource: arn }))).Tags);
  const tag = (Tags: Record<string, string>, arn = Resource) =>
    cloud.lambda.send(new TagResourceCommand({ Resource: arn, Tags }));

  test('a function has the tags of its template, gets others and loses them', async () => {
    expect(await list()).toEqual({ stage: 'test' });
    const { $metadata } = await tag({ stage: 'beta', team: 'video' });
    expect($metadata.httpStatusCode).toBe(204);
    const { Tags } = await cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'encoder' }));
    expect(own(Tags)).toEqual({ stage: 'beta', team: 'video' });
    await cloud.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['stage', 'nothing'] }));
    expect(await list()).toEqual({ team: 'video' });
    await cloud.lambda.send(new DeleteFunctionCommand({ FunctionName: 'encoder' }));
    await expect(list()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${Resource}`,
    });
  });

  test('a mapping has tags too', async () => {
    const { EventSourceMappingArn = '' } = await cloud.lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'encoder',
        EventSourceArn: queueArn('Videos'),
        Tags: { stage: 'test' },
      }),
    );
    expect(await list(EventSourceMappingArn)).toEqual({ stage: 'test' });
    const gone = arnOf('event-source-mapping:00000000-0000-4000-8000-000000000000');
    await expect(list(gone)).rejects.toThrow(`Event source mapping not found: ${gone}`);
  });

  test.each<[string, Record<string, string>, string | undefined, string, RegExp]>([
    [
      'no tags',
      {},
      undefined,
      'InvalidParameterValueException',
      /^An error occurred and the request cannot be processed\.$/,
    ],
    [
      'too many tags',
      Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key${index}`, 'x'])),
      undefined,
      'InvalidParameterValueException',
      /^Number of tags exceeds resource tag limit\.$/,
    ],
    [
      'a version',
      { a: 'b' },
      `${Resource}:$LATEST`,
      'InvalidParameterValueException',
      /^Tags on function aliases and versions are not supported\. Please specify a function ARN\.$/,
    ],
    ['no such function', { a: 'b' }, arnOf('function:nobody'), 'ResourceNotFoundException', /^Function not found: /],
    [
      'no ARN',
      { a: 'b' },
      'arn:aws:something',
      'ValidationException',
      /^1 validation error detected: Value 'arn:aws:som/,
    ],
  ])('refused: %s', async (_, Tags, arn, name, message) => {
    await expect(tag(Tags, arn)).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
  });

  test('GetAccountSettings returns limits and usage', async () => {
    const { AccountLimit, AccountUsage } = await cloud.lambda.send(new GetAccountSettingsCommand({}));
    expect(AccountLimit).toEqual({
      TotalCodeSize: 80_530_636_800,
      CodeSizeUnzipped: 262_144_000,
      CodeSizeZipped: 52_428_800,
      ConcurrentExecutions: 1_000,
      UnreservedConcurrentExecutions: 950,
    });
    expect(AccountUsage).toEqual({ FunctionCount: 2, TotalCodeSize: 2 * CODE.length });
  });
});
