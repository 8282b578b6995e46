import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';

const EVENT_OPENING = '{"Records":[';
const EVENT_CLOSING = ']}';

/** The size of an event without its records and the commas between them, in bytes. */
export const EVENT_OVERHEAD = EVENT_OPENING.length + EVENT_CLOSING.length;

/**
 * Converts a message to the JSON record that a function receives. Without message attributes their digest is absent, or
 * null if the mapping has a batching window.
 */
export function toRecord(message: Message, queueArn: string, region: string, hasWindow: boolean): string {
  const { MessageAttributes: attributes = {}, MD5OfMessageAttributes: digest = hasWindow ? null : undefined } = message;
  return JSON.stringify({
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, toMessageAttribute(value)]),
    ),
    ...(digest !== undefined && { md5OfMessageAttributes: digest }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  });
}

/** Creates an event from records. */
export function toEvent(records: readonly string[]): string {
  return EVENT_OPENING + records.join(',') + EVENT_CLOSING;
}

function toMessageAttribute(value: MessageAttributeValue): Record<string, unknown> {
  return {
    ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
    ...(value.BinaryValue !== undefined && { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: value.DataType,
  };
}
