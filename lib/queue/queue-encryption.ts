import { type IKey } from 'aws-cdk-lib/aws-kms';
import { QueueEncryption as SqsEncryption } from 'aws-cdk-lib/aws-sqs';
import { type RemovalPolicy } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { QueueKey } from './queue-key';

/** How a queue and its dead-letter queues encrypt message bodies. Attributes are never encrypted by SQS. */
export class QueueEncryption {
  /** With keys that SQS owns: no cost, no key policy, works with every producer and consumer. */
  public static sqsManaged(): QueueEncryption {
    return new QueueEncryption(SqsEncryption.SQS_MANAGED);
  }

  /**
   * With a KMS key of the account, whose policy and use you control. Producers, consumers and grants of the queue come
   * with the permissions on the key that they need.
   *
   * @param key the key, which topics and buckets may share; without it a `QueueKey` is created
   */
  public static customerManaged(key?: IKey): QueueEncryption {
    return new QueueEncryption(SqsEncryption.KMS, key);
  }

  /**
   * With the account's key `alias/aws/sqs`. Its policy can't be changed: neither SNS, S3 and EventBridge nor other
   * accounts can send to such a queue. Prefer `customerManaged`.
   */
  public static kmsManaged(): QueueEncryption {
    return new QueueEncryption(SqsEncryption.KMS_MANAGED);
  }

  private constructor(
    /** @internal */
    public readonly _type: SqsEncryption,
    /** @internal */
    public readonly _key?: IKey,
  ) {}

  /**
   * One key for a queue and its dead-letter queues: a message that SQS moves there stays encrypted with the key of the
   * queue that it came from.
   *
   * @internal
   */
  public _keyFor(owner: Construct, id: string, removalPolicy: RemovalPolicy): IKey | undefined {
    if (this._type !== SqsEncryption.KMS || this._key !== undefined) return this._key;
    return new QueueKey(owner, id, { description: `Encrypts the messages of ${owner.node.path}`, removalPolicy });
  }
}
