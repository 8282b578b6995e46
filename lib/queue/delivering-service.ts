import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ArnFormat, type ResourceEnvironment, Stack, Token } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { snsPrincipal } from './sns-principal';

/** What SQS asks KMS for when something is sent. */
export const ENCRYPT_ACTIONS: readonly string[] = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** An AWS service that sends on its own behalf, not with a role: policies of queues and keys must name it. */
export class DeliveringService {
  /** Amazon SNS: what topics deliver, and what they could not. */
  public static readonly SNS = new DeliveringService('sns', 'sns', '*', '*');

  /** Amazon S3: notifications of buckets. */
  public static readonly S3 = new DeliveringService('s3', 's3', '', '*');

  /** Amazon EventBridge: what rules match, and what they could not deliver. */
  public static readonly EVENTBRIDGE = new DeliveringService('events', 'events', '*', 'rule/*', false);

  /** Amazon CloudWatch: alarms, for a topic that is encrypted with the key. */
  public static readonly CLOUDWATCH_ALARMS = new DeliveringService('cloudwatch', 'cloudwatch', '*', 'alarm:*');

  private constructor(
    private readonly principal: string,
    private readonly service: string,
    /** Region in the ARNs of its sources; S3's have neither Region nor account. */
    private readonly region: string,
    private readonly resource: string,
    /**
     * Whether a key's policy may say on whose behalf: AWS documents `aws:SourceArn` and `aws:SourceAccount` as not
     * supported for EventBridge and the keys of queues and topics.
     */
    private readonly keyTakesSource: boolean = true,
  ) {}

  /** @internal */
  public get _name(): string {
    return this.principal;
  }

  /**
   * Matches all sources of this kind in an account. Refers to none: the policy of a key that a topic is encrypted with
   * can't name the topic, or each would have to be created before the other.
   *
   * @internal
   */
  public _sources(scope: IConstruct, account: string): string {
    return Stack.of(scope).formatArn({
      service: this.service,
      region: this.region,
      account: this.region === '' ? '' : account,
      resource: this.resource,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
  }

  /**
   * The principal as policies of queues and keys must name it.
   *
   * @param from the source's Region
   * @param to the queue's Region
   * @internal
   */
  public _principal(from?: string, to?: string): ServicePrincipal {
    const known = (region: string | undefined) => (Token.isUnresolved(region) ? undefined : region);
    return new ServicePrincipal(
      this.principal === 'sns' ? snsPrincipal(known(from), known(to)) : `${this.principal}.amazonaws.com`,
    );
  }

  /**
   * Lets the service use a key, for an account's sources or for one of them where the service supports that.
   *
   * @internal
   */
  public _keyStatement(
    scope: IConstruct,
    { account }: ResourceEnvironment,
    sourceArn = this._sources(scope, account),
    principal = this._principal(),
  ): PolicyStatement {
    return new PolicyStatement({
      principals: [principal],
      actions: [...ENCRYPT_ACTIONS],
      resources: ['*'], // of a key's policy: the key
      conditions: this.keyTakesSource
        ? { ArnLike: { 'aws:SourceArn': sourceArn }, StringEquals: { 'aws:SourceAccount': account } }
        : undefined,
    });
  }
}
