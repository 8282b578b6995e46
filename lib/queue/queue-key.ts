import { Key } from 'aws-cdk-lib/aws-kms';
import { type RemovalPolicy } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { checkProps } from '../rules';
import { type DeliveringService } from './delivering-service';
import { QUEUE_KEY } from './queue-types';

/** Properties of a QueueKey. */
export interface QueueKeyProps {
  /**
   * What the key is for.
   *
   * @default - names the construct
   */
  readonly description?: string;

  /**
   * A name for the key, beginning with `alias/` or not.
   *
   * @default - no alias
   */
  readonly alias?: string;

  /**
   * The services that may use the key on behalf of resources in this account. Producers that are bound to a queue with
   * this key are let through without being listed here: this is for subscriptions, notifications, rules and alarms that
   * were made by other means.
   *
   * @default - none
   */
  readonly deliveringServices?: DeliveringService[];

  /**
   * What becomes of the key when it leaves the stack. A deleted key takes 30 days to go, and then what it encrypted is
   * lost.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A KMS key that queues, their dead-letter queues, topics and buckets can share. It rotates each year.
 *
 * Its policy lets services through by the kind, account and, where the name is given in code, the name of what they act
 * for, and never refers to a resource: so no dependency leads back from it to what is encrypted with it. The policy of
 * each queue names its sources exactly.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * @example
 * const key = new QueueKey(this, 'Key');
 * const orders = new TopicFanOut(this, 'Orders', { encryptionKey: key });
 * orders.addQueue(new StandardQueue(this, 'Billing', { encryption: QueueEncryption.customerManaged(key) }));
 */
export class QueueKey extends Key {
  constructor(scope: Construct, id: string, props: QueueKeyProps = {}) {
    checkProps(scope, 'QueueKey', props, QUEUE_KEY);
    super(scope, id, {
      description: props.description ?? `Encrypts messages for ${scope.node.path}/${id}`,
      alias: props.alias,
      enableKeyRotation: true,
      removalPolicy: props.removalPolicy,
    });
    for (const service of props.deliveringServices ?? []) this.allowDeliveries(service);
  }

  /**
   * Lets a service use the key for what it delivers on behalf of any resource of its kind in this account. EventBridge
   * may use it for other accounts' resources too: AWS documents `aws:SourceArn` and `aws:SourceAccount` as not supported
   * for EventBridge and the keys of queues and topics. The policies of the queues restrict it.
   */
  public allowDeliveries(service: DeliveringService): void {
    this.addToResourcePolicy(service._keyStatement(this, this.env));
  }
}
