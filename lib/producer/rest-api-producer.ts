import {
  AccessLogFormat,
  AuthorizationType,
  AwsIntegration,
  EndpointType,
  type IAuthorizer,
  type IRestApi,
  type IntegrationResponse,
  type JsonSchema,
  LogGroupLogDestination,
  type Method,
  MethodLoggingLevel,
  Model,
  PassthroughBehavior,
  RequestValidator,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { type Grant, type IGrantable, type IPrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Resource, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type MessageQueue } from '../queue/message-queue';
import { type IQueueProducer } from '../queue/queue-producer';
import {
  checkProps,
  enforce,
  FLAG,
  like,
  list,
  map,
  oneOf,
  type PropType,
  type Rule,
  type Shape,
  TEXT,
  warn,
} from '../rules';
import { type ApiProducerProps } from './api-producer-props';
import { API_PRODUCER, API_QUEUE_RULES, API_RULES, REQUEST_VALUE } from './api-producer-rules';
import { accessLogGroup, allowSending, apiName, deduplicationFor, namesGiven, sendingRole } from './api-sending';
import { type RequestValue } from './request-value';
import { STACK_RULES } from './stack-rules';

const JSON_ONLY = ['application/json'];

/** Properties of a RestApiProducer. */
export interface RestApiProducerProps extends ApiProducerProps {
  /**
   * The API that gets the method.
   *
   * @default - a Regional API is created, with access logs, and logs and metrics of its methods
   */
  readonly api?: IRestApi;

  /**
   * Who may send. `AuthorizationType.NONE` lets anyone on the internet fill the queue.
   *
   * @default - that of `authorizer`; AuthorizationType.IAM without one
   */
  readonly authorizationType?: AuthorizationType;

  /**
   * What decides on requests: a Cognito user pool or a function.
   *
   * @default - none
   */
  readonly authorizer?: IAuthorizer;

  /**
   * The scopes of which a token of a Cognito user pool must have one.
   *
   * @default - none
   */
  readonly authorizationScopes?: string[];

  /**
   * What bodies must be. API Gateway answers others with status 400, and sends nothing.
   *
   * @default - any body that SQS takes
   */
  readonly bodySchema?: JsonSchema;

  /**
   * The content types that are accepted; others are answered with status 415.
   *
   * @default ['application/json']
   */
  readonly contentTypes?: string[];

  /**
   * Attributes of each message, by name: up to 10 strings, none of them empty.
   *
   * @default - none
   */
  readonly messageAttributes?: { [name: string]: RequestValue };

  /**
   * Whether to set the role with which API Gateway writes logs, one for all REST APIs of an account and Region. Not with
   * `api`. It is retained.
   *
   * @default true
   */
  readonly cloudWatchRole?: boolean;
}

const SCHEMA: PropType = {
  wanted: 'a JSON schema, such as { type: JsonSchemaType.OBJECT }',
  fits: (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0,
};
const PROPS: Shape<RestApiProducerProps> = {
  ...API_PRODUCER,
  api: like('a REST API (IRestApi)', 'restApiId', 'root'),
  authorizationType: oneOf('AuthorizationType', AuthorizationType),
  authorizer: like('an authorizer of a REST API (IAuthorizer)', 'authorizerId'),
  authorizationScopes: list(TEXT),
  bodySchema: SCHEMA,
  contentTypes: list(TEXT),
  messageAttributes: map(REQUEST_VALUE),
  cloudWatchRole: FLAG,
};

const RULES: readonly Rule<RestApiProducerProps>[] = [
  {
    id: 'Spillway-RestApiProducer-AuthorizerMismatch',
    broken: ({ authorizationType: type, authorizer }) =>
      type !== undefined &&
      (authorizer === undefined
        ? type === AuthorizationType.CUSTOM || type === AuthorizationType.COGNITO
        : type !== (authorizer.authorizationType ?? type)),
    message: ({ authorizationType, authorizer }) =>
      `authorizationType must be that of authorizer (${authorizer?.authorizationType ?? 'not given'}), but was ${authorizationType}; API Gateway rejects the method`,
  },
  {
    id: 'Spillway-RestApiProducer-NoContentTypes',
    broken: ({ contentTypes }) => contentTypes?.length === 0,
    message: () => 'contentTypes must have at least one content type, but was empty; every request would be rejected',
  },
];

const CAUTIONS: readonly Rule<{ readonly api: IRestApi }>[] = [
  {
    id: 'Spillway-RestApiProducer-ApiNotDeployed',
    broken: ({ api }) => !Resource.isOwnedResource(api),
    message: ({ api }) =>
      `api should be an API of this app, but ${api.node.path} is imported; the method has no effect until the API is deployed to its stages again`,
  },
];

/**
 * Sends the requests of a REST API to a queue, without a function in between. API Gateway answers with status 202 and
 * the message's id once SQS has the message, and never before.
 *
 * Requests must be signed by a principal of AWS (`grantInvoke`), unless another `authorizationType` or an `authorizer`
 * is given. What else an API can have, such as a domain, a web ACL or mutual TLS, is set on an `api` of one's own.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-sqs.html
 * @example
 * jobs.addProducer(new RestApiProducer(this, 'Orders', { path: '/orders' }));
 */
export class RestApiProducer extends Construct implements IQueueProducer, IGrantable {
  /** The API. */
  public readonly api: IRestApi;

  /** What API Gateway may do. */
  public readonly role: IRole;

  /** The principal that grants go to: the role. */
  public readonly grantPrincipal: IPrincipal;

  private readonly props: RestApiProducerProps;
  private readonly path: string;
  private queue?: IQueue;
  private boundMethod?: Method;

  constructor(scope: Construct, id: string, props: RestApiProducerProps = {}) {
    super(scope, id);
    checkProps(this, 'RestApiProducer', props, PROPS);
    const { path = '/', method = 'POST', messageGroupId, deduplicationId, messageAttributes = {} } = props;
    const { throttle, accessLogGroup: log, cloudWatchRole } = props;
    enforce(
      this,
      {
        method,
        path,
        values: { messageGroupId, deduplicationId, ...messageAttributes },
        attributes: Object.keys(messageAttributes),
        ofOwnApi: props.api === undefined ? [] : namesGiven({ throttle, accessLogGroup: log, cloudWatchRole }),
      },
      API_RULES,
    );
    enforce(this, props, RULES);
    this.props = props;
    this.path = path;
    this.api = props.api ?? this.createApi();
    warn(this, { api: this.api }, CAUTIONS);
    this.role = sendingRole(this);
    this.grantPrincipal = this.role;
    this.node.addValidation({
      validate: () => (this.queue === undefined ? ['sends to no queue: pass it to addProducer of one'] : []),
    });
  }

  /** The method of the API; undefined until a queue has this producer. */
  public get method(): Method | undefined {
    return this.boundMethod;
  }

  /**
   * Lets a principal send requests that are signed (`AuthorizationType.IAM`).
   *
   * @throws before a queue has this producer
   */
  public grantInvoke(grantee: IGrantable): Grant {
    if (this.boundMethod === undefined) {
      throw new Error(`${this.node.path}: a queue must have this producer before grantInvoke, but none has`);
    }
    return this.boundMethod.grantExecute(grantee);
  }

  /** Creates the method, and lets it send to the queue. */
  public bind(target: MessageQueue): void {
    const { role, props } = this;
    const { queue } = target;
    enforce(this, { ...props, queue, bound: this.queue }, API_QUEUE_RULES);
    enforce(this, { source: role, queue }, STACK_RULES);
    this.queue = queue;
    allowSending(role, queue);

    const { bodySchema, contentTypes = JSON_ONLY, authorizationType, authorizer, authorizationScopes } = props;
    const values = valuesOf(props, queue);
    const model =
      bodySchema && new Model(this, 'Model', { restApi: this.api, schema: bodySchema, contentType: contentTypes[0] });
    this.boundMethod = this.api.root
      .resourceForPath(this.path)
      .addMethod(props.method ?? 'POST', this.integration(queue, values), {
        authorizationType: authorizer === undefined ? (authorizationType ?? AuthorizationType.IAM) : authorizationType,
        authorizer,
        authorizationScopes,
        requestParameters: Object.fromEntries(requiredParameters(values).map((name) => [name, true])),
        requestModels: model && Object.fromEntries(contentTypes.map((type) => [type, model])),
        requestValidator: new RequestValidator(this, 'Validator', {
          restApi: this.api,
          validateRequestBody: true, // against the model, if there is one
          validateRequestParameters: true,
        }),
        methodResponses: RESPONSES.map(({ statusCode }) => ({ statusCode })),
      });
  }

  private createApi(): RestApi {
    const { throttle, cloudWatchRole = true } = this.props;
    const destination = this.props.accessLogGroup ?? accessLogGroup(this);
    return new RestApi(this, 'Api', {
      restApiName: apiName(this),
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole,
      deployOptions: {
        accessLogDestination: new LogGroupLogDestination(destination),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
        loggingLevel: MethodLoggingLevel.ERROR,
        metricsEnabled: true,
        throttlingRateLimit: throttle?.rateLimit,
        throttlingBurstLimit: throttle?.burstLimit,
      },
    });
  }

  private integration(queue: IQueue, values: MessageValues): AwsIntegration {
    const { contentTypes = JSON_ONLY } = this.props;
    const form = formOf(values);
    return new AwsIntegration({
      service: 'sqs',
      path: `${queue.env.account}/${queue.queueName}`,
      region: queue.env.region === Stack.of(this).region ? undefined : queue.env.region,
      integrationHttpMethod: 'POST',
      options: {
        credentialsRole: this.role,
        passthroughBehavior: PassthroughBehavior.NEVER,
        requestParameters: { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" },
        requestTemplates: Object.fromEntries(contentTypes.map((type) => [type, form])),
        integrationResponses: [...RESPONSES],
      },
    });
  }
}

/** Nothing but a success of SQS is one: what matches no pattern is answered with status 502. */
const RESPONSES: readonly IntegrationResponse[] = [
  {
    statusCode: '202',
    selectionPattern: '200',
    responseTemplates: {
      'application/json': `{"messageId":"$input.path('$.SendMessageResponse.SendMessageResult.MessageId')"}`,
    },
  },
  {
    statusCode: '400',
    selectionPattern: '400',
    responseTemplates: {
      'application/json': '{"message":"The queue did not accept the message","requestId":"$context.requestId"}',
    },
  },
  {
    statusCode: '502',
    responseTemplates: {
      'application/json': '{"message":"The message could not be sent","requestId":"$context.requestId"}',
    },
  },
];

/** What of a message is taken from the request, besides the body. */
interface MessageValues {
  readonly messageGroupId?: RequestValue;
  readonly deduplicationId?: RequestValue;
  readonly messageAttributes: Readonly<Record<string, RequestValue>>;
}

function valuesOf(props: RestApiProducerProps, queue: IQueue): MessageValues {
  const { messageGroupId, messageAttributes = {} } = props;
  return { messageGroupId, deduplicationId: deduplicationFor(queue, props.deduplicationId), messageAttributes };
}

function requiredParameters({ messageGroupId, deduplicationId, messageAttributes }: MessageValues): string[] {
  const names = [messageGroupId, deduplicationId, ...Object.values(messageAttributes)].map(
    (value) => value?._requiredParameter,
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The request of SendMessage in SQS's Query protocol. */
function formOf({ messageGroupId, deduplicationId, messageAttributes }: MessageValues): string {
  const fields = [
    ['Action', 'SendMessage'],
    ['MessageBody', '$util.urlEncode($input.body)'],
  ];
  if (messageGroupId !== undefined) fields.push(['MessageGroupId', messageGroupId._encodedInTemplate]);
  if (deduplicationId !== undefined) fields.push(['MessageDeduplicationId', deduplicationId._encodedInTemplate]);
  for (const [index, [name, value]] of Object.entries(messageAttributes).entries()) {
    const attribute = `MessageAttribute.${index + 1}`;
    fields.push(
      [`${attribute}.Name`, name],
      [`${attribute}.Value.DataType`, 'String'],
      [`${attribute}.Value.StringValue`, value._encodedInTemplate],
    );
  }
  return fields.map(([name, value]) => `${name}=${value}`).join('&');
}
