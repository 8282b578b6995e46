import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  type MessageAttributeValue,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** The attribute that says why a message was sent to the dead-letter queue. */
const REASON = 'DeadLetterReason';
/** SQS takes no more attributes of a message. */
const MOST_ATTRIBUTES = 10;
/** Longer reasons are cut: body and attributes share a message's 1 MiB. */
const LONGEST_REASON = 1_024;
/** What XML 1.0 does not allow, and so SQS neither. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/**
 * Sends messages to the dead-letter queue. SQS has no such call: it moves a message itself, after `maxReceiveCount`
 * receives, so a message that can never be handled is copied there and deleted here.
 */
export class DeadLetters {
  private url: Promise<string> | undefined;

  /** @param deadLetterQueueUrl default: the queue that the RedrivePolicy of `queueUrl` names */
  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
    deadLetterQueueUrl?: string,
  ) {
    if (deadLetterQueueUrl !== undefined) this.url = Promise.resolve(deadLetterQueueUrl);
  }

  /**
   * Sends a copy of a message, with its attributes and message group, and the reason in the attribute
   * `DeadLetterReason`, unless it has ten attributes already. A FIFO queue takes the copy once, however often it is sent
   * within 5 minutes.
   *
   * @throws Error if the queue has no dead-letter queue, or SQS's error
   */
  public async send(message: Message, reason: string): Promise<void> {
    const { Body, MessageAttributes = {}, Attributes = {}, MessageId } = message;
    const QueueUrl = await this.queue();
    const attributes: Record<string, MessageAttributeValue> = { ...MessageAttributes };
    if (REASON in attributes || Object.keys(attributes).length < MOST_ATTRIBUTES) {
      const text = reason.replace(NOT_XML, '\uFFFD').slice(0, LONGEST_REASON);
      attributes[REASON] = { DataType: 'String', StringValue: text === '' ? 'not given' : text };
    }
    const { AWSTraceHeader, MessageGroupId } = Attributes;
    await this.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: Body,
        MessageAttributes: attributes,
        MessageSystemAttributes:
          AWSTraceHeader === undefined
            ? undefined
            : { AWSTraceHeader: { DataType: 'String', StringValue: AWSTraceHeader } },
        MessageGroupId,
        MessageDeduplicationId: QueueUrl.endsWith('.fifo') ? MessageId : undefined,
      }),
    );
  }

  private queue(): Promise<string> {
    // A failed lookup is repeated for the next message.
    this.url ??= this.lookUp().catch((error: unknown) => {
      this.url = undefined;
      throw error;
    });
    return this.url;
  }

  private async lookUp(): Promise<string> {
    const { Attributes } = await this.client.send(
      new GetQueueAttributesCommand({ QueueUrl: this.queueUrl, AttributeNames: ['RedrivePolicy'] }),
    );
    const policy = JSON.parse(Attributes?.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string };
    const [, , , , account, name] = policy.deadLetterTargetArn?.split(':') ?? [];
    if (name === undefined) {
      throw new Error(`${this.queueUrl} has no dead-letter queue: set its RedrivePolicy, or deadLetterQueueUrl`);
    }
    const { QueueUrl = '' } = await this.client.send(
      new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account }),
    );
    return QueueUrl;
  }
}
