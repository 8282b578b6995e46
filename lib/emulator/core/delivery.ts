import { AwsError } from './aws-error';

/** What one service delivers to another service's resource: a notification, an event or a message. */
export interface Delivery {
  /** The delivered text: a message body, or an event as JSON. */
  readonly payload: string;
  /**
   * The object that the text was made from, for targets that need more than the text, such as an alarm notification.
   */
  readonly source?: unknown;
  /** The message group, for queues and FIFO topics. */
  readonly messageGroupId?: string;
  /**
   * The deduplication id, for FIFO queues and topics.
   * @default - the target's content-based deduplication
   */
  readonly messageDeduplicationId?: string;
  /** Message attributes by name, for queues. */
  readonly attributes?: Readonly<Record<string, DeliveredAttribute>>;
  /** The partition key, for streams. */
  readonly partitionKey?: string;
}

/** A message attribute, as SQS and SNS have it. */
export interface DeliveredAttribute {
  /** `String`, `Number` or `Binary`, with or without a custom label such as `Number.int`. */
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** What was to be delivered to a resource of a service that is not emulated, or takes no deliveries. */
export class NotDeliverable extends AwsError {
  constructor(targetArn: string) {
    super('NotFound', `There is nothing emulated at ${targetArn}.`, { status: 404 });
  }
}
