import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, StreamViewType, Table, TableEncryption, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function, type IFunction, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { LambdaStreamConsumer, type LambdaStreamConsumerProps, MessageFilter, KinesisPipeline } from '../../lib';

const MAPPING = 'AWS::Lambda::EventSourceMapping';
const partitionKey = { name: 'id', type: AttributeType.STRING };
const stack = () => new Stack(new App(), 'Stack');
const handler = (scope: Stack): IFunction =>
  new Function(scope, 'Handler', {
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });
const table = (scope: Stack) =>
  new Table(scope, 'Accounts', { partitionKey, stream: StreamViewType.NEW_AND_OLD_IMAGES });

function consumed(props?: LambdaStreamConsumerProps, make: (scope: Stack) => Table | TableV2 = table): Template {
  const scope = stack();
  new LambdaStreamConsumer(handler(scope), props).consumeTable(make(scope));
  return Template.fromStack(scope);
}

test('a function reads the changes of a table with a role that may do nothing else (snapshot)', () => {
  const { Resources } = consumed().toJSON() as { Resources: Record<string, unknown> };
  const own = Object.entries(Resources).filter(([id]) => /^Handler(ServiceRoleDefaultPolicy|Reads|Consumes)/.test(id));
  expect(Object.fromEntries(own)).toMatchSnapshot();
});

test.each<[string, (scope: Stack) => Table | TableV2]>([
  ['a table', table],
  [
    'a table of the second version',
    (scope) => new TableV2(scope, 'Accounts', { partitionKey, dynamoStream: StreamViewType.NEW_IMAGE }),
  ],
])('the mapping reads the stream of %s, and gives a change up after half a day', (_, make) => {
  consumed(undefined, make).hasResource(MAPPING, {
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Accounts'), 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      MaximumRecordAgeInSeconds: 43_200,
      MaximumRetryAttempts: 10,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    },
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('DefaultPolicy')]),
  });
});

test('filters look at the whole change', () => {
  const filters = [MessageFilter.json({ eventName: ['INSERT'], dynamodb: { NewImage: { plan: { S: ['paid'] } } } })];
  consumed({ filters, batchSize: 500, maxRecordAge: Duration.hours(1) }).hasResourceProperties(MAPPING, {
    FilterCriteria: {
      Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"plan":{"S":["paid"]}}}}' }],
    },
    BatchSize: 500,
    MaximumRecordAgeInSeconds: 3_600,
  });
});

test('the function may use the key of the table', () => {
  const encrypted = (scope: Stack) =>
    new Table(scope, 'Accounts', {
      partitionKey,
      stream: StreamViewType.NEW_IMAGE,
      encryption: TableEncryption.CUSTOMER_MANAGED,
    });
  consumed(undefined, encrypted).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:Decrypt' })]) },
  });
});

test('an imported function is warned of what its role needs', () => {
  const scope = stack();
  const imported = Function.fromFunctionArn(scope, 'Imported', 'arn:aws:lambda:eu-west-1:111122223333:function:f');
  new LambdaStreamConsumer(imported).consumeTable(table(scope));
  Annotations.fromStack(scope).hasWarning('/Stack/Imported', Match.stringLikeRegexp('dynamodb:GetRecords'));
});

test.each<[string, LambdaStreamConsumerProps, RegExp]>([
  ['enhanced fan-out', { enhancedFanOut: true }, /enhancedFanOut and startingTimestamp must be omitted.*TableOptions/],
  [
    'a start at an instant',
    { startingPosition: StartingPosition.AT_TIMESTAMP, startingTimestamp: 1 },
    /\[Spillway-LambdaStreamConsumer-TableOptions\]/,
  ],
  [
    'a record age of a day',
    { maxRecordAge: Duration.days(1) },
    /maxRecordAge must be less than 24 hours for a table, but was 1 day.*TableRecordAge/,
  ],
  ['a filter of text', { filters: [MessageFilter.text(['a'])] }, /filters must be of JSON.*TextFilterOfTable/],
  ['an empty batch', { batchSize: 0 }, /BatchSizeOutOfRange/],
])('fails on %s', (_, props, message) => {
  expect(() => consumed(props)).toThrow(message);
});

test('fails on a table without a stream, on what is no table, and on a second source', () => {
  const scope = stack();
  const consumer = new LambdaStreamConsumer(handler(scope));
  expect(() => consumer.consumeTable(new Table(scope, 'Plain', { partitionKey }))).toThrow(
    /table must have a stream .*, but Stack\/Plain has none.*\[Spillway-LambdaStreamConsumer-TableWithoutStream\]/,
  );
  expect(() => consumer.consumeTable('accounts' as never)).toThrow(
    "table must be a table (ITable), but was 'accounts'",
  );
  consumer.consumeTable(table(scope));
  expect(() => new KinesisPipeline(scope, 'Clicks', { consumers: [consumer] })).toThrow(
    /already bound to Stack\/Accounts.*\[Spillway-LambdaStreamConsumer-StreamAlreadyBound\]/,
  );
});
