import * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, LogRetention, RetentionDays, SubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations';
import { App, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../../../lib/testing';
import { contract, type Resources } from '../../../support/contract-cloud';

const template = (
  more: Partial<Record<'Group' | 'Stream' | 'Metric' | 'Policy', Record<string, unknown>>> = {},
): Resources => ({
  Group: [
    'AWS::Logs::LogGroup',
    { LogGroupName: 'app', RetentionInDays: 7, Tags: [{ Key: 'a', Value: '1' }], ...more.Group },
  ],
  Stream: ['AWS::Logs::LogStream', { LogGroupName: { Ref: 'Group' }, LogStreamName: 's', ...more.Stream }],
  Metric: [
    'AWS::Logs::MetricFilter',
    {
      LogGroupName: { Ref: 'Group' },
      FilterName: 'errors',
      FilterPattern: 'ERROR',
      MetricTransformations: [{ MetricName: 'Errors', MetricNamespace: 'App', MetricValue: '1' }],
      ...more.Metric,
    },
  ],
  Policy: [
    'AWS::Logs::ResourcePolicy',
    {
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'es.amazonaws.com' }, Action: 'logs:PutLogEvents', Resource: '*' },
        ],
      }),
      ...more.Policy,
    },
  ],
});

contract('§9 log groups and what is in them, in templates', {
  'are created, updated in place, replaced and deleted': async (cloud) => {
    const logs = cloud.client(sdk.CloudWatchLogsClient);
    const describe = async () => {
      const { logGroups = [] } = await logs.send(new sdk.DescribeLogGroupsCommand({}));
      const [{ logGroupName = '', retentionInDays, metricFilterCount, creationTime }] = logGroups;
      const { tags } = await logs.send(new sdk.ListTagsLogGroupCommand({ logGroupName }));
      return {
        count: logGroups.length,
        logGroupName,
        retentionInDays,
        metricFilterCount,
        creationTime,
        a: tags?.a,
        b: tags?.b,
        stack: tags?.['aws:cloudformation:stack-name'],
      };
    };
    const report = await cloud.deploy(template());
    expect(report.resources.map(({ type, status, attributes }) => [type, status, attributes.Arn])).toEqual([
      ['AWS::Logs::LogGroup', 'emulated', 'arn:aws:logs:us-east-1:000000000000:log-group:app:*'],
      ['AWS::Logs::LogStream', 'emulated', undefined],
      ['AWS::Logs::MetricFilter', 'emulated', undefined],
      ['AWS::Logs::ResourcePolicy', 'emulated', undefined],
    ]);
    const first = await describe();
    expect(first).toMatchObject({
      logGroupName: 'app',
      retentionInDays: 7,
      metricFilterCount: 1,
      a: '1',
      stack: 'Test',
    });
    await cloud.advance(1_000);
    await cloud.deploy(
      template({
        Group: { RetentionInDays: undefined, Tags: [{ Key: 'b', Value: '2' }] },
        Metric: { FilterPattern: '?WARN ?ERROR' },
      }),
    );
    expect(await describe()).toMatchObject({
      retentionInDays: undefined,
      creationTime: first.creationTime,
      a: undefined,
      b: '2',
    });
    const { metricFilters } = await logs.send(new sdk.DescribeMetricFiltersCommand({ logGroupName: 'app' }));
    expect(metricFilters).toMatchObject([{ filterName: 'errors', filterPattern: '?WARN ?ERROR' }]);
    await cloud.deploy(template({ Group: { LogGroupName: 'other' } }));
    expect(await describe()).toMatchObject({ count: 1, logGroupName: 'other', metricFilterCount: 1 });
    await cloud.emulator.unload('Test');
    expect((await logs.send(new sdk.DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
    expect((await logs.send(new sdk.DescribeResourcePoliciesCommand({}))).resourcePolicies).toEqual([]);
  },
  'a group that exists fails its create, and a setting that AWS refuses too': async (cloud) => {
    await cloud.client(sdk.CloudWatchLogsClient).send(new sdk.CreateLogGroupCommand({ logGroupName: 'app' }));
    await expect(cloud.deploy(template())).rejects.toThrow(/Group.*app.*already exists/s);
    const wrong = { Group: { LogGroupName: 'fresh', RetentionInDays: 2 } };
    await expect(cloud.deploy(template(wrong))).rejects.toThrow(/Group.*InvalidParameterException.*retentionInDays/s);
  },
});

test("CDK's log group, retention and subscription work as synthesized; a subscribed function reads another's log", async () => {
  const stack = new Stack(new App(), 'Logs');
  const fn = (id: string, code: string, more: object = {}) =>
    new LambdaFunction(stack, id, {
      functionName: id,
      code: Code.fromInline(code),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
      ...more,
    });
  const logGroup = new LogGroup(stack, 'Group', {
    retention: RetentionDays.ONE_DAY,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  Tags.of(logGroup).add('team', 'orders');
  fn('noisy', 'exports.handler = async () => console.log("noise")', { logGroup });
  new LogRetention(stack, 'Kept', { logGroupName: '/aws/lambda/kept', retention: RetentionDays.ONE_WEEK });
  const reader = fn('reader', 'exports.handler = async ({ awslogs }) => console.log("got " + awslogs.data.length)');
  new SubscriptionFilter(stack, 'Subscription', {
    logGroup,
    destination: new LambdaDestination(reader),
    filterPattern: FilterPattern.anyTerm('noise'),
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const logs = new sdk.CloudWatchLogsClient(cloud.clientConfig());
  await cloud.runUntil(new LambdaClient(cloud.clientConfig()).send(new InvokeCommand({ FunctionName: 'noisy' })));
  await cloud.advance(Duration.minutes(1));
  const { logGroups = [] } = await logs.send(new sdk.DescribeLogGroupsCommand({}));
  expect(
    logGroups.map(({ logGroupName, retentionInDays }) => [logGroupName?.replace(/-\w+$/, ''), retentionInDays]),
  ).toEqual([
    ['/aws/lambda/kept', 7],
    ['/aws/lambda/reader', undefined],
    [expect.stringMatching(/^Logs-Group/), 1],
  ]);
  const { events = [] } = await logs.send(
    new sdk.FilterLogEventsCommand({ logGroupName: '/aws/lambda/reader', filterPattern: 'got' }),
  );
  expect(events).toHaveLength(1);
  expect(cloud.emulator.status().logGroups.map(({ streams }) => streams)).toEqual([0, 1, 1]);
});
