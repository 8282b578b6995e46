import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpIntegrationSubtype,
  HttpIntegrationType,
  type HttpMethod,
  HttpRoute,
  type HttpRouteIntegrationConfig,
  HttpRouteIntegration,
  HttpRouteKey,
  HttpStage,
  type IHttpApi,
  type IHttpRouteAuthorizer,
  IntegrationCredentials,
  LogGroupLogDestination,
  ParameterMapping,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { type Grant, type IGrantable, type IPrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type MessageQueue } from '../queue/message-queue';
import { type IQueueProducer } from '../queue/queue-producer';
import { checkProps, enforce, like, list, type Shape, TEXT } from '../rules';
import { type ApiProducerProps } from './api-producer-props';
import { API_PRODUCER, API_QUEUE_RULES, API_RULES } from './api-producer-rules';
import { accessLogGroup, allowSending, apiName, deduplicationFor, namesGiven, sendingRole } from './api-sending';
import { STACK_RULES } from './stack-rules';

/** Properties of an HttpApiProducer. */
export interface HttpApiProducerProps extends ApiProducerProps {
  /**
   * The API that gets the route.
   *
   * @default - an API is created, with access logs
   */
  readonly api?: IHttpApi;

  /**
   * What decides on requests: `HttpIamAuthorizer`, `HttpJwtAuthorizer`, `HttpUserPoolAuthorizer`, `HttpLambdaAuthorizer`.
   * `HttpNoneAuthorizer` lets anyone on the internet fill the queue.
   *
   * @default - HttpIamAuthorizer
   */
  readonly authorizer?: IHttpRouteAuthorizer;

  /**
   * The scopes of which a token must have one.
   *
   * @default - none
   */
  readonly authorizationScopes?: string[];
}

const PROPS: Shape<HttpApiProducerProps> = {
  ...API_PRODUCER,
  api: like('an HTTP API (IHttpApi)', 'apiId'),
  authorizer: like('an authorizer of an HTTP API, such as new HttpIamAuthorizer()', 'bind'),
  authorizationScopes: list(TEXT),
};

/**
 * Sends the requests of an HTTP API to a queue, without a function in between. API Gateway answers with SQS's own
 * response once SQS has the message.
 *
 * Requests must be signed by a principal of AWS (`grantInvoke`), unless another `authorizer` is given. HTTP APIs cost
 * less than REST APIs, but don't check bodies, and set no message attributes.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html
 * @example
 * jobs.addProducer(new HttpApiProducer(this, 'Orders', { path: '/orders' }));
 */
export class HttpApiProducer extends Construct implements IQueueProducer, IGrantable {
  /** The API. */
  public readonly api: IHttpApi;

  /** What API Gateway may do. */
  public readonly role: IRole;

  /** The principal that grants go to: the role. */
  public readonly grantPrincipal: IPrincipal;

  private readonly props: HttpApiProducerProps;
  private readonly path: string;
  private queue?: IQueue;
  private boundRoute?: HttpRoute;

  constructor(scope: Construct, id: string, props: HttpApiProducerProps = {}) {
    super(scope, id);
    checkProps(this, 'HttpApiProducer', props, PROPS);
    const { path = '/', method = 'POST', messageGroupId, deduplicationId, throttle, accessLogGroup: log } = props;
    const ofOwnApi = props.api === undefined ? [] : namesGiven({ throttle, accessLogGroup: log });
    enforce(this, { method, path, values: { messageGroupId, deduplicationId }, attributes: [], ofOwnApi }, API_RULES);
    this.props = props;
    this.path = path;
    this.api = props.api ?? this.createApi();
    this.role = sendingRole(this);
    this.grantPrincipal = this.role;
    this.node.addValidation({
      validate: () => (this.queue === undefined ? ['sends to no queue: pass it to addProducer of one'] : []),
    });
  }

  /** The route of the API; undefined until a queue has this producer. */
  public get route(): HttpRoute | undefined {
    return this.boundRoute;
  }

  /**
   * Lets a principal send requests that are signed (`HttpIamAuthorizer`).
   *
   * @throws before a queue has this producer
   */
  public grantInvoke(grantee: IGrantable): Grant {
    if (this.boundRoute === undefined) {
      throw new Error(`${this.node.path}: a queue must have this producer before grantInvoke, but none has`);
    }
    return this.boundRoute.grantInvoke(grantee);
  }

  /** Creates the route, and lets it send to the queue. */
  public bind(target: MessageQueue): void {
    const { role, props } = this;
    const { queue } = target;
    enforce(this, { ...props, queue, bound: this.queue }, API_QUEUE_RULES);
    enforce(this, { source: role, queue }, STACK_RULES);
    this.queue = queue;
    allowSending(role, queue);
    this.boundRoute = new HttpRoute(this, 'Route', {
      httpApi: this.api,
      routeKey: HttpRouteKey.with(this.path, (props.method ?? 'POST') as HttpMethod),
      integration: new SendMessageIntegration(role, this.parameters(queue)),
      authorizer: props.authorizer ?? new HttpIamAuthorizer(),
      authorizationScopes: props.authorizationScopes,
    });
  }

  private createApi(): HttpApi {
    const { throttle } = this.props;
    const api = new HttpApi(this, 'Api', { apiName: apiName(this), createDefaultStage: false });
    new HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      throttle,
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.props.accessLogGroup ?? accessLogGroup(this)),
        format: AccessLogFormat.jsonWithStandardFields(),
      },
    });
    return api;
  }

  private parameters(queue: IQueue): ParameterMapping {
    const { messageGroupId } = this.props;
    const deduplicationId = deduplicationFor(queue, this.props.deduplicationId);
    const mapping = new ParameterMapping().custom('QueueUrl', queue.queueUrl).custom('MessageBody', '$request.body');
    if (messageGroupId !== undefined) mapping.custom('MessageGroupId', messageGroupId._parameterMapping);
    if (deduplicationId !== undefined) mapping.custom('MessageDeduplicationId', deduplicationId._parameterMapping);
    return queue.env.region === Stack.of(this).region ? mapping : mapping.custom('Region', queue.env.region);
  }
}

/** CDK's own creates a role for each route, and gives it no use of the queue's key. */
class SendMessageIntegration extends HttpRouteIntegration {
  constructor(
    private readonly role: IRole,
    private readonly parameterMapping: ParameterMapping,
  ) {
    super('SendMessage');
  }

  public bind(): HttpRouteIntegrationConfig {
    return {
      type: HttpIntegrationType.AWS_PROXY,
      subtype: HttpIntegrationSubtype.SQS_SEND_MESSAGE,
      payloadFormatVersion: PayloadFormatVersion.VERSION_1_0,
      credentials: IntegrationCredentials.fromRole(this.role),
      parameterMapping: this.parameterMapping,
    };
  }
}
