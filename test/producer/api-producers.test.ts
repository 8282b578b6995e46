import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  AuthorizationType,
  CognitoUserPoolsAuthorizer,
  JsonSchemaType,
  LambdaRestApi,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpNoneAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { App, Stack } from 'aws-cdk-lib/core';
import {
  FifoQueue,
  HttpApiProducer,
  type HttpApiProducerProps,
  type MessageQueue,
  QueueEncryption,
  RequestValue,
  RestApiProducer,
  type RestApiProducerProps,
  StandardQueue,
} from '../../lib';

const IRELAND = { account: '111122223333', region: 'eu-west-1' };
const stack = (env?: typeof IRELAND) => new Stack(new App(), 'Stack', { env });
const standard = (scope: Stack) => new StandardQueue(scope, 'Jobs');
const fifo = (scope: Stack) => new FifoQueue(scope, 'Jobs');

interface Method {
  readonly AuthorizationType: string;
  readonly RequestParameters: Record<string, boolean>;
  readonly Integration: {
    readonly RequestTemplates: Record<string, string>;
    readonly IntegrationResponses: { readonly StatusCode: string; readonly SelectionPattern?: string }[];
  };
}

const only = <T>(template: Template, type: string): T => {
  const [resource, ...others] = Object.values(template.findResources(type)) as { readonly Properties: T }[];
  expect(others).toEqual([]);
  return resource.Properties;
};

/** The method of a REST API, and all that was synthesized with it. */
function restMethod(queue: (scope: Stack) => MessageQueue, props: RestApiProducerProps = {}) {
  const scope = stack();
  queue(scope).addProducer(new RestApiProducer(scope, 'Orders', props));
  const template = Template.fromStack(scope);
  return { template, method: only<Method>(template, 'AWS::ApiGateway::Method') };
}

/** The parameters of an HTTP API's integration. */
function httpParameters(queue: (scope: Stack) => MessageQueue, props: HttpApiProducerProps = {}) {
  const scope = stack();
  queue(scope).addProducer(new HttpApiProducer(scope, 'Orders', props));
  const template = Template.fromStack(scope);
  const { RequestParameters } = only<{ RequestParameters: Record<string, unknown> }>(
    template,
    'AWS::ApiGatewayV2::Integration',
  );
  return { template, parameters: RequestParameters };
}

describe('RestApiProducer', () => {
  test('creates an API whose signed requests become messages (snapshot)', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    const producer = new RestApiProducer(scope, 'Orders', { path: '/orders' });
    queue.addProducer(producer);
    const { Resources } = Template.fromStack(scope).toJSON() as { Resources: Record<string, unknown> };
    const own = Object.entries(Resources).filter(([id]) => id.startsWith('Orders'));
    expect(Object.fromEntries(own)).toMatchSnapshot();
  });

  test('acknowledges a request only if SQS has accepted the message', () => {
    const { method } = restMethod(standard);
    expect(
      method.Integration.IntegrationResponses.map(({ SelectionPattern, StatusCode }) => [SelectionPattern, StatusCode]),
    ).toEqual([
      ['200', '202'],
      ['400', '400'],
      [undefined, '502'],
    ]);
  });

  test('takes group, deduplication id and attributes of a message from the request, each of them encoded', () => {
    const { method } = restMethod(fifo, {
      path: '/customers/{customer}',
      messageGroupId: RequestValue.pathParameter('customer'),
      messageAttributes: {
        tenant: RequestValue.header('X-Tenant'),
        kind: RequestValue.queryParameter('kind'),
        order: RequestValue.bodyField('order.id'),
        sender: RequestValue.context('identity.userArn'),
        source: RequestValue.constant('a&b=c#d'),
      },
    });
    const attribute = (index: number, name: string, value: string) =>
      `&MessageAttribute.${index}.Name=${name}&MessageAttribute.${index}.Value.DataType=String&MessageAttribute.${index}.Value.StringValue=${value}`;
    expect(method.Integration.RequestTemplates).toEqual({
      'application/json': [
        'Action=SendMessage&MessageBody=$util.urlEncode($input.body)',
        "&MessageGroupId=$util.urlEncode($input.params('customer'))",
        "&MessageDeduplicationId=$util.urlEncode($input.params('Idempotency-Key'))",
        attribute(1, 'tenant', "$util.urlEncode($input.params('X-Tenant'))"),
        attribute(2, 'kind', "$util.urlEncode($input.params('kind'))"),
        attribute(3, 'order', '$util.urlEncode("$input.path(\'$.order.id\')")'),
        attribute(4, 'sender', '$util.urlEncode("$context.identity.userArn")'),
        attribute(5, 'source', 'a%26b%3Dc%23d'),
      ].join(''),
    });
    expect(method.RequestParameters).toEqual({
      'method.request.path.customer': true,
      'method.request.header.Idempotency-Key': true,
      'method.request.header.X-Tenant': true,
      'method.request.querystring.kind': true,
    });
  });

  test('needs no idempotency key if the queue compares the content of messages', () => {
    const queue = (scope: Stack) => new FifoQueue(scope, 'Jobs', { contentBasedDeduplication: true });
    const { method } = restMethod(queue, { messageGroupId: RequestValue.constant('all') });
    expect(JSON.stringify(method)).not.toContain('Deduplication');
    expect(method.RequestParameters).toEqual({});
  });

  test('has bodies of all accepted content types validated', () => {
    const { template } = restMethod(standard, {
      bodySchema: { type: JsonSchemaType.OBJECT, required: ['id'] },
      contentTypes: ['application/json', 'application/vnd.orders+json'],
    });
    const [model] = Object.keys(template.findResources('AWS::ApiGateway::Model'));
    template.hasResourceProperties('AWS::ApiGateway::Method', {
      RequestModels: { 'application/json': { Ref: model }, 'application/vnd.orders+json': { Ref: model } },
      Integration: { PassthroughBehavior: 'NEVER' },
    });
    template.hasResourceProperties('AWS::ApiGateway::RequestValidator', {
      ValidateRequestBody: true,
      ValidateRequestParameters: true,
    });
  });

  test('limits requests, and logs them where it is told to', () => {
    const scope = stack();
    const accessLogGroup = new LogGroup(scope, 'Log');
    const throttle = { rateLimit: 50, burstLimit: 100 };
    const producer = new RestApiProducer(scope, 'Orders', { throttle, accessLogGroup, cloudWatchRole: false });
    standard(scope).addProducer(producer);
    const template = Template.fromStack(scope);
    template.hasResourceProperties('AWS::ApiGateway::Stage', {
      AccessLogSetting: { DestinationArn: scope.resolve(accessLogGroup.logGroupArn) as object },
      MethodSettings: [Match.objectLike({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 })],
    });
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.resourceCountIs('AWS::ApiGateway::Account', 0);
  });

  test('lets a principal of AWS invoke its method, and no other', () => {
    const scope = stack();
    const producer = new RestApiProducer(scope, 'Orders', { path: '/orders' });
    const client = new Role(scope, 'Client', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    expect(() => producer.grantInvoke(client)).toThrow(
      'Stack/Orders: a queue must have this producer before grantInvoke',
    );
    standard(scope).addProducer(producer);
    producer.grantInvoke(client);
    Template.fromStack(scope).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: { 'Fn::Join': ['', Match.arrayWith(['/POST/orders'])] },
          },
        ],
      },
    });
  });

  test.each<[string, (scope: Stack) => RestApiProducerProps, string]>([
    ['by default', () => ({}), 'AWS_IAM'],
    ['for anyone', () => ({ authorizationType: AuthorizationType.NONE }), 'NONE'],
    [
      'by a user pool',
      (scope) => ({
        authorizer: new CognitoUserPoolsAuthorizer(scope, 'Authorizer', {
          cognitoUserPools: [new UserPool(scope, 'Pool')],
        }),
        authorizationScopes: ['orders/write'],
      }),
      'COGNITO_USER_POOLS',
    ],
  ])('authorizes requests %s', (_, props, type) => {
    const scope = stack();
    standard(scope).addProducer(new RestApiProducer(scope, 'Orders', props(scope)));
    expect(only<Method>(Template.fromStack(scope), 'AWS::ApiGateway::Method').AuthorizationType).toBe(type);
  });

  test('adds methods of several queues to one API', () => {
    const scope = stack();
    const orders = new RestApiProducer(scope, 'Orders', { path: '/orders' });
    const returns = new RestApiProducer(scope, 'Returns', { path: '/returns', api: orders.api });
    new StandardQueue(scope, 'First').addProducer(orders);
    new StandardQueue(scope, 'Second').addProducer(returns);
    const template = Template.fromStack(scope);
    template.resourceCountIs('AWS::ApiGateway::RestApi', 1);
    template.resourceCountIs('AWS::ApiGateway::Method', 2);
    template.resourceCountIs('AWS::IAM::Policy', 2);
    expect(JSON.stringify(template.findResources('AWS::ApiGateway::Deployment'))).toContain('returns');
  });

  test('sends to a queue of another Region there', () => {
    const app = new App();
    const home = new Stack(app, 'Home', { env: IRELAND });
    const abroad = new Stack(app, 'Abroad', { env: { ...IRELAND, region: 'us-east-1' }, crossRegionReferences: true });
    const queue = new StandardQueue(home, 'Jobs', { queueName: 'jobs' });
    queue.addProducer(new RestApiProducer(abroad, 'Orders'));
    const { Integration } = only<{ Integration: object }>(Template.fromStack(abroad), 'AWS::ApiGateway::Method');
    expect(JSON.stringify(Integration)).toContain(':apigateway:eu-west-1:sqs:path/111122223333/');
  });

  test('warns of an imported API, which is not deployed again', () => {
    const scope = stack();
    const api = RestApi.fromRestApiAttributes(scope, 'Api', { restApiId: 'abc', rootResourceId: 'root' });
    standard(scope).addProducer(new RestApiProducer(scope, 'Orders', { api }));
    Annotations.fromStack(scope).hasWarning(
      '/Stack/Orders',
      Match.stringLikeRegexp('api should be an API of this app'),
    );
  });

  test.each<[string, RestApiProducerProps, RegExp]>([
    [
      'an authorizer that is missing',
      { authorizationType: AuthorizationType.COGNITO },
      /authorizationType must be that of authorizer \(not given\), but was COGNITO_USER_POOLS.*\[Spillway-RestApiProducer-AuthorizerMismatch\]/,
    ],
    ['no content types', { contentTypes: [] }, /\[Spillway-RestApiProducer-NoContentTypes\]/],
    [
      'an attribute of AWS',
      { messageAttributes: { 'AWS.kind': RequestValue.constant('a') } },
      /messageAttributes must be at most 10.* but were 1: AWS\.kind.*\[Spillway-ApiProducer-AttributesInvalid\]/,
    ],
    [
      'eleven attributes',
      {
        messageAttributes: Object.fromEntries([...'abcdefghijk'].map((name) => [name, RequestValue.constant('a')])),
      },
      /but were 11: a, .*\[Spillway-ApiProducer-AttributesInvalid\]/,
    ],
  ])('fails on %s', (_, props, message) => {
    expect(() => restMethod(standard, props)).toThrow(message);
  });
});

describe('HttpApiProducer', () => {
  test('creates an API whose signed requests become messages (snapshot)', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    queue.addProducer(
      new HttpApiProducer(scope, 'Orders', { path: '/orders', throttle: { rateLimit: 5, burstLimit: 9 } }),
    );
    const { Resources } = Template.fromStack(scope).toJSON() as { Resources: Record<string, unknown> };
    const own = Object.entries(Resources).filter(([id]) => id.startsWith('Orders'));
    expect(Object.fromEntries(own)).toMatchSnapshot();
  });

  test('takes group and deduplication id of a message from the request', () => {
    const { parameters } = httpParameters(fifo, { messageGroupId: RequestValue.bodyField('customer.id') });
    expect(parameters).toMatchObject({
      MessageBody: '$request.body',
      MessageGroupId: '$request.body.customer.id',
      MessageDeduplicationId: '$request.header.Idempotency-Key',
    });
    const others = {
      messageGroupId: RequestValue.queryParameter('group'),
      deduplicationId: RequestValue.context('requestId'),
    };
    expect(httpParameters(fifo, others).parameters).toMatchObject({
      MessageGroupId: '$request.querystring.group',
      MessageDeduplicationId: '$context.requestId',
    });
    expect(httpParameters(standard, { messageGroupId: RequestValue.constant('all') }).parameters).toEqual({
      QueueUrl: { Ref: expect.stringMatching(/^JobsQueue/) as string },
      MessageBody: '$request.body',
      MessageGroupId: 'all',
    });
  });

  test('adds a route to an API that exists, and lets anyone in only if told to', () => {
    const scope = stack();
    const producer = new HttpApiProducer(scope, 'Orders', {
      api: new HttpApi(scope, 'Api'),
      path: '/orders/{id}',
      method: 'PUT',
      authorizer: new HttpNoneAuthorizer(),
    });
    standard(scope).addProducer(producer);
    const template = Template.fromStack(scope);
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: 'PUT /orders/{id}',
      AuthorizationType: 'NONE',
    });
    expect(producer.route?.path).toBe('/orders/{id}');
  });

  test('lets a principal of AWS invoke its route', () => {
    const scope = stack();
    const producer = new HttpApiProducer(scope, 'Orders', { path: '/orders' });
    const client = new Role(scope, 'Client', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    expect(() => producer.grantInvoke(client)).toThrow(
      'Stack/Orders: a queue must have this producer before grantInvoke',
    );
    standard(scope).addProducer(producer);
    producer.grantInvoke(client);
    Template.fromStack(scope).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 'execute-api:Invoke', Effect: 'Allow' })] },
    });
  });

  test('sends to a queue of another Region there', () => {
    const app = new App();
    const home = new Stack(app, 'Home', { env: IRELAND });
    const abroad = new Stack(app, 'Abroad', { env: { ...IRELAND, region: 'us-east-1' }, crossRegionReferences: true });
    new StandardQueue(home, 'Jobs', { queueName: 'jobs' }).addProducer(new HttpApiProducer(abroad, 'Orders'));
    const [integration] = Object.values(Template.fromStack(abroad).findResources('AWS::ApiGatewayV2::Integration'));
    expect(integration).toMatchObject({ Properties: { RequestParameters: { Region: 'eu-west-1' } } });
  });
});

describe.each([
  ['RestApiProducer', RestApiProducer],
  ['HttpApiProducer', HttpApiProducer],
] as const)('%s', (_, Producer) => {
  const send = (queue: (scope: Stack) => MessageQueue, props: HttpApiProducerProps & RestApiProducerProps) => () => {
    const scope = stack();
    queue(scope).addProducer(new Producer(scope, 'Orders', props));
  };
  const group = { messageGroupId: RequestValue.constant('all') };

  test.each<[string, HttpApiProducerProps & RestApiProducerProps, RegExp]>([
    [
      'a method without a body',
      { method: 'GET' },
      /method must be one of POST, PUT, PATCH, but was 'GET'.*MethodInvalid/,
    ],
    ['a path that is none', { path: 'orders' }, /path must begin with '\/' .* but was 'orders'.*PathInvalid/],
    ['an empty segment', { path: '/a//b' }, /PathInvalid/],
    [
      'a parameter that the path does not have',
      { path: '/orders', messageGroupId: RequestValue.pathParameter('id') },
      /messageGroupId must be a parameter of the path '\/orders', but was 'id'.*\[Spillway-ApiProducer-ValueInvalid\]/,
    ],
    [
      'a header that is none',
      { messageGroupId: RequestValue.header("a') #") },
      /messageGroupId must be a header's name/,
    ],
    ['a JSON path', { messageGroupId: RequestValue.bodyField('$.a') }, /must be the names of nested fields.*'\$\.a'/],
    ['a constant that is a reference', { messageGroupId: RequestValue.constant('$request.body') }, /without '\$'/],
    [
      'a deduplication id for a standard queue',
      { deduplicationId: RequestValue.header('Idempotency-Key') },
      /deduplicationId must be omitted for the standard queue Stack\/Jobs\/Queue.*DeduplicationOfStandardQueue/,
    ],
  ])('fails on %s', (_name, props, message) => {
    expect(send(standard, props)).toThrow(message);
  });

  test('fails on a FIFO queue without a group', () => {
    expect(send(fifo, {})).toThrow(
      /messageGroupId must be given for the FIFO queue Stack\/Jobs\/Queue.*\[Spillway-ApiProducer-GroupMissing\]/,
    );
    expect(send(fifo, group)).not.toThrow();
  });

  test('fails on a second queue, and without one', () => {
    const scope = stack();
    const producer = new Producer(scope, 'Orders');
    expect(() => Template.fromStack(scope)).toThrow('sends to no queue: pass it to addProducer of one');
    new StandardQueue(scope, 'Jobs').addProducer(producer);
    expect(() => new StandardQueue(scope, 'More').addProducer(producer)).toThrow(
      /it sends to Stack\/Jobs\/Queue already.*\[Spillway-ApiProducer-QueueAlreadyBound\]/,
    );
  });

  test("fails on settings of stages that are not the producer's", () => {
    const scope = stack();
    const api = Producer === RestApiProducer ? restApi(scope) : new HttpApi(scope, 'Api');
    const props = { api, throttle: { rateLimit: 1, burstLimit: 1 }, accessLogGroup: new LogGroup(scope, 'Log') };
    expect(() => new Producer(scope, 'Orders', props as never)).toThrow(
      /throttle, accessLogGroup must be omitted with api.*\[Spillway-ApiProducer-OptionsOfOwnApi\]/,
    );
  });
});

function restApi(scope: Stack): RestApi {
  const handler = new LambdaFunction(scope, 'Handler', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {};'),
  });
  return new LambdaRestApi(scope, 'Api', { handler, proxy: false });
}
