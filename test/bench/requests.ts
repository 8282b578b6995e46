/** Requests as they go over the wire, signed as far as servers look, with no header that nobody needs. */
export function sqsRequest(action: string, input: object): string {
  const body = JSON.stringify(input);
  const credential = 'Credential=000000000000/20260101/us-east-1/sqs/aws4_request';
  return [
    'POST / HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/x-amz-json-1.0',
    `X-Amz-Target: AmazonSQS.${action}`,
    'X-Amz-Date: 20260101T000000Z',
    `Authorization: AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

const TEXT = 'The quick brown fox jumps over the lazy dog, again and again. ';

/** A message body of so many bytes. */
export function messageBody(bytes: number): string {
  return TEXT.repeat(Math.ceil(bytes / TEXT.length)).slice(0, bytes);
}

/** The input of a SendMessageBatch of ten messages. */
export function tenMessages(QueueUrl: string, bytes: number): object {
  const entry = (_: unknown, index: number) => ({ Id: `m${index}`, MessageBody: messageBody(bytes) });
  return { QueueUrl, Entries: Array.from({ length: 10 }, entry) };
}

/** The input of the DeleteMessageBatch that follows a receive's answer; undefined where there was no message. */
export function deletionOf(QueueUrl: string, answer: string): object | undefined {
  const handles = answer.match(/(?<="ReceiptHandle": ?")[^"]+/g);
  if (handles === null) return undefined;
  return { QueueUrl, Entries: handles.map((ReceiptHandle, index) => ({ Id: `m${index}`, ReceiptHandle })) };
}
