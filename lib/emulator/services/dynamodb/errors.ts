import type { AttributeValue, CancellationReason } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../core';
import type { Item } from './values/attribute-value';

export const validation = (message: string) => new AwsError('ValidationException', message);

/** The error for a parameter's value: AWS puts the same words before most of them. */
export const invalidParameters = (reason: string) => validation(`One or more parameter values were invalid: ${reason}`);

export const tableNotFound = (name?: string) =>
  new AwsError(
    'ResourceNotFoundException',
    `Requested resource not found${name === undefined ? '' : `: Table: ${name} not found`}`,
  );

export const taggedResourceNotFound = (arn: string) =>
  new AwsError('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${arn} not found`);

export const streamNotFound = (arn: string) =>
  new AwsError('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`);

export const shardNotFound = (shardId: string, streamArn: string) =>
  new AwsError(
    'ResourceNotFoundException',
    `Requested resource not found: Shard: ${shardId} in Stream: ${streamArn} not found`,
  );

export const tableExists = (name: string) => new AwsError('ResourceInUseException', `Table already exists: ${name}`);

export const deletionProtected = (arn: string) =>
  validation(
    `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first. Resource: ${arn}`,
  );

export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message);

export const conditionalCheckFailed = (item?: Item) =>
  new AwsError('ConditionalCheckFailedException', 'The conditional request failed', {
    members: item === undefined ? {} : { Item: inJson(item) },
  });

/** Why one action of a transaction was cancelled; `None` if it was not to blame. */
export interface Cancellation {
  readonly code: string;
  readonly message?: string;
  readonly item?: Item;
}

export function transactionCancelled(reasons: readonly Cancellation[]): AwsError {
  const codes = reasons.map(({ code }) => code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  const CancellationReasons = reasons.map(({ code, message: Message, item }): CancellationReason => {
    return { Code: code, ...(Message !== undefined && { Message }), ...(item && { Item: inJson(item) as Item }) };
  });
  // AWS capitalizes this error's message, and only this one's.
  return new AwsError('TransactionCanceledException', message, { members: { CancellationReasons, Message: message } });
}

export const idempotentParameterMismatch = () =>
  new AwsError(
    'IdempotentParameterMismatchException',
    'The provided client token is already in use with a different request',
  );

export const tableThrottled = () =>
  new AwsError(
    'ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  );

export const indexThrottled = () =>
  new AwsError(
    'ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API',
  );

export const onDemandThrottled = () =>
  new AwsError(
    'ThrottlingException',
    'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html',
  );

export const expiredIterator = () => new AwsError('ExpiredIteratorException', 'Iterator expired');

export const trimmedData = () =>
  new AwsError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
  );

/** The item as JSON writes it: an error's members do not pass through the model's schemas, which know of bytes. */
function inJson(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueInJson(value)]));
}

function valueInJson(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(valueInJson) };
  if (value.M !== undefined) return { M: inJson(value.M) };
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
