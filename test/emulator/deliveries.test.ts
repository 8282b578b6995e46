import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { AddPermissionCommand, GetPolicyCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { Alarm, type CfnAlarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnPermission, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../lib/testing';

const ALARM_ARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:deep';
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:pager';
const PRINCIPAL = 'lambda.alarms.cloudwatch.amazonaws.com';

/** A stack with an alarm that invokes a function. */
function pagedStack(permission?: { readonly sourceArn?: string; readonly sourceAccount?: string }): Stack {
  const stack = new Stack(new App(), 'Ops');
  const pager = new LambdaFunction(stack, 'Pager', {
    functionName: 'pager',
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {}'),
  });
  const alarm = new Alarm(stack, 'Deep', {
    alarmName: 'deep',
    metric: new Metric({ namespace: 'My', metricName: 'Depth' }),
    threshold: 1,
    evaluationPeriods: 1,
  });
  (alarm.node.defaultChild as CfnAlarm).alarmActions = [pager.functionArn];
  const granted = { action: 'lambda:InvokeFunction', functionName: pager.functionArn, principal: PRINCIPAL };
  if (permission !== undefined) new CfnPermission(stack, 'Permission', { ...granted, ...permission });
  return stack;
}

async function goOff(cloud: LocalCloud): Promise<void> {
  const client = new CloudWatchClient(cloud.clientConfig());
  await client.send(new SetAlarmStateCommand({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'test' }));
  await cloud.advance(Duration.seconds(1));
}

describe('an alarm invokes a function only if the policy of the function allows it', () => {
  test.each([
    ['by its ARN', { sourceArn: ALARM_ARN }, 'delivered'],
    ['by its account', { sourceAccount: '000000000000' }, 'delivered'],
    ['by another ARN', { sourceArn: `${ALARM_ARN}-other` }, 'denied'],
    ['by another account', { sourceAccount: '111122223333' }, 'denied'],
    ['without a permission', undefined, 'denied'],
  ])('%s', async (_name, permission, outcome) => {
    await using cloud = await LocalCloud.fromStack(pagedStack(permission));
    await goOff(cloud);
    const attempt = { principal: PRINCIPAL, source: ALARM_ARN, target: FUNCTION_ARN, outcome };
    expect(cloud.deliveries).toMatchObject([attempt]);
  });
});

test('a denied delivery has the missing statement, in the timeline and in cloud.deliveries', async () => {
  await using cloud = await LocalCloud.fromStack(pagedStack());
  const rows: string[] = [];
  cloud.emulator.timeline.observe(({ kind, detail }) => {
    if (kind === 'delivery.denied') rows.push(`${detail.by} for ${detail.for}: ${detail.advice}`);
  });
  await goOff(cloud);
  expect(rows).toEqual([`${PRINCIPAL} for ${ALARM_ARN}: add the statement to the policy of ${FUNCTION_ARN}`]);
  const [{ error, missing }] = cloud.deliveries;
  expect(error).toBe(
    `AccessDeniedException: User: ${PRINCIPAL} is not authorized to perform: lambda:InvokeFunction on resource: ${FUNCTION_ARN} because no resource-based policy allows the lambda:InvokeFunction action`,
  );
  expect(missing?.policyOf).toBe(FUNCTION_ARN);
  expect(JSON.parse(missing?.statement ?? '')).toEqual({
    Effect: 'Allow',
    Principal: { Service: PRINCIPAL },
    Action: 'lambda:InvokeFunction',
    Resource: FUNCTION_ARN,
    Condition: {
      ArnEquals: { 'aws:SourceArn': ALARM_ARN },
      StringEquals: { 'aws:SourceAccount': '000000000000' },
    },
  });
});

test('permissions of functions are added, read and removed by the API', async () => {
  await using cloud = await LocalCloud.fromStack(pagedStack());
  const client = new LambdaClient({ ...cloud.clientConfig(), maxAttempts: 1 });
  const FunctionName = 'pager';
  const permission = { FunctionName, StatementId: 'alarm', Action: 'lambda:InvokeFunction', Principal: PRINCIPAL };
  const statement = {
    Sid: 'alarm',
    Effect: 'Allow',
    Principal: { Service: PRINCIPAL },
    Action: 'lambda:InvokeFunction',
    Resource: FUNCTION_ARN,
    Condition: {
      StringEquals: { 'AWS:SourceAccount': '000000000000' },
      ArnLike: { 'AWS:SourceArn': ALARM_ARN },
    },
  };
  await expect(client.send(new GetPolicyCommand({ FunctionName }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The resource you requested does not exist.',
  });
  const source = { SourceArn: ALARM_ARN, SourceAccount: '000000000000' };
  const added = await client.send(new AddPermissionCommand({ ...permission, ...source }));
  expect(JSON.parse(added.Statement ?? '')).toEqual(statement);
  const { Policy = '' } = await client.send(new GetPolicyCommand({ FunctionName }));
  expect(JSON.parse(Policy)).toEqual({ Version: '2012-10-17', Id: 'default', Statement: [statement] });
  await expect(client.send(new AddPermissionCommand(permission))).rejects.toMatchObject({
    name: 'ResourceConflictException',
    $metadata: { httpStatusCode: 409 },
  });
  await expect(
    client.send(new AddPermissionCommand({ ...permission, StatementId: 'b', Principal: 'nobody' })),
  ).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  await expect(client.send(new RemovePermissionCommand({ FunctionName, StatementId: 'other' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await goOff(cloud);
  await client.send(new RemovePermissionCommand({ FunctionName, StatementId: 'alarm' }));
  const cloudWatch = new CloudWatchClient(cloud.clientConfig());
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'deep', StateValue: 'OK', StateReason: 'test' }));
  await goOff(cloud);
  expect(cloud.deliveries.map(({ outcome }) => outcome)).toEqual(['delivered', 'denied']);
});
