import { type BusEntry, type Delivery, parseArn } from '../../../core';
import type { ScheduleTarget } from '../schedules/schedule';
import { universalAction } from './universal-action';

/** One attempt of a run, as the target's input can name it. */
export interface Attempt {
  readonly scheduleArn: string;
  /** In emulated milliseconds since the epoch. */
  readonly scheduledAt: number;
  readonly executionId: string;
  /** From 1. */
  readonly attempt: number;
}

/** What a schedule asks of its target: an API action of a service. */
export interface TargetRequest {
  readonly service: string;
  readonly action: string;
  /** The action's input: the body of a dead letter. */
  readonly input: object;
  /** The same as a delivery to the target's ARN. */
  readonly delivery: Delivery;
}

/** Makes the request of one attempt. */
export function targetRequest(target: ScheduleTarget, attempt: Attempt, notification: string): TargetRequest {
  const { Arn, Input, SqsParameters, EventBridgeParameters, KinesisParameters } = target;
  const universal = universalAction(Arn);
  const payload = withContext(Input ?? (universal === undefined ? notification : '{}'), attempt);
  if (universal !== undefined) return { ...universal, input: JSON.parse(payload) as object, delivery: { payload } };
  const { service = '', region = '', account = '', resource = '' } = parseArn(Arn) ?? {};
  switch (service) {
    case 'sqs': {
      const { MessageGroupId } = SqsParameters ?? {};
      const QueueUrl = `https://sqs.${region}.amazonaws.com/${account}/${resource}`;
      const input = { MessageBody: payload, QueueUrl, ...(MessageGroupId !== undefined && { MessageGroupId }) };
      return { service, action: 'sendMessage', input, delivery: { payload, messageGroupId: MessageGroupId } };
    }
    case 'sns':
      return { service, action: 'publish', input: { Message: payload, TopicArn: Arn }, delivery: { payload } };
    case 'events': {
      const { Source = '', DetailType = '' } = EventBridgeParameters ?? {};
      const source: BusEntry = { source: Source, detailType: DetailType, detail: payload };
      const input = { Entries: [{ Source, DetailType, Detail: payload, EventBusName: Arn }] };
      return { service: 'eventbridge', action: 'putEvents', input, delivery: { payload, source } };
    }
    case 'kinesis': {
      const partitionKey = KinesisParameters?.PartitionKey;
      const input = { StreamARN: Arn, Data: payload, PartitionKey: partitionKey };
      return { service, action: 'putRecord', input, delivery: { payload, partitionKey } };
    }
    default: {
      const input = { FunctionName: Arn, InvocationType: 'Event', Payload: payload };
      return { service, action: 'invoke', input, delivery: { payload } };
    }
  }
}

/** What a target gets without an Input. */
export function defaultNotification(
  id: string,
  { scheduleArn, scheduledAt }: Pick<Attempt, 'scheduleArn' | 'scheduledAt'>,
  { account, region }: { readonly account: string; readonly region: string },
): string {
  return JSON.stringify({
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time: timestamp(scheduledAt),
    region,
    resources: [scheduleArn],
    // Text, not an object: that is how AWS sends it.
    detail: '{}',
  });
}

/** Replaces the context attributes, wherever they are in the text. */
function withContext(text: string, { scheduleArn, scheduledAt, executionId, attempt }: Attempt): string {
  return text
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', timestamp(scheduledAt))
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
}

/** In whole seconds: `2030-01-01T00:00:00Z`. */
export function timestamp(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');
}
