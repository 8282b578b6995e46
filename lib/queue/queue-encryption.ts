import { type IKey } from 'aws-cdk-lib/aws-kms';
import { QueueEncryption as SqsEncryption } from 'aws-cdk-lib/aws-sqs';

/** How a queue and its dead-letter queue encrypt message bodies. Attributes are never encrypted by SQS. */
export class QueueEncryption {
  /** With keys that SQS owns: no cost, no key policy, works with every producer and consumer. */
  public static sqsManaged(): QueueEncryption {
    return new QueueEncryption(SqsEncryption.SQS_MANAGED);
  }

  /**
   * With a KMS key of the account, whose policy and use you control.
   *
   * @param key the key; without it one is created that rotates each year
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
}
