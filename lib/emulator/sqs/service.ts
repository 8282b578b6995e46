import type {
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityBatchResult,
  ChangeMessageVisibilityRequest,
  CreateQueueRequest,
  CreateQueueResult,
  DeleteMessageBatchRequest,
  DeleteMessageBatchResult,
  DeleteMessageRequest,
  DeleteQueueRequest,
  GetQueueAttributesRequest,
  GetQueueAttributesResult,
  GetQueueUrlRequest,
  GetQueueUrlResult,
  ListDeadLetterSourceQueuesRequest,
  ListDeadLetterSourceQueuesResult,
  ListQueuesRequest,
  ListQueuesResult,
  ListQueueTagsRequest,
  ListQueueTagsResult,
  PurgeQueueRequest,
  ReceiveMessageRequest,
  ReceiveMessageResult,
  SendMessageBatchRequest,
  SendMessageBatchResult,
  SendMessageRequest,
  SendMessageResult,
  SetQueueAttributesRequest,
  TagQueueRequest,
  UntagQueueRequest,
} from '@aws-sdk/client-sqs';
import type { Call, MetricDatum } from '../api';
import { parseArn } from '../api';
import { type Clock, type Random, SECOND } from '../clock';
import type { Timeline } from '../timeline';
import {
  type AttributeValues,
  defaultAttributes,
  differingAttribute,
  isAttribute,
  READ_ONLY_ATTRIBUTES,
  withAttributes,
} from './attributes';
import { checkBatch, runBatch } from './batch';
import { checkFifoIds, checkSend, type SendInput, type SendTerms, sizeOf } from './drafts';
import type { KeyService } from './encryption';
import {
  batchRequestTooLong,
  invalidParameterValue,
  invalidValue,
  overLimit,
  purgeQueueInProgress,
  queueDeletedRecently,
  queueDoesNotExist,
  queueNameExists,
  unknownAttribute,
} from './errors';
import { FifoQueue } from './fifo-queue';
import { AWS_LIMITS, type SqsLimits } from './limits';
import { page } from './paging';
import type { Queue, QueueContext } from './queue';
import { receivedResult, viewOf } from './received';
import { allowsRedrive, queueArn } from './redrive';
import { senderId } from './sender';
import { StandardQueue } from './standard-queue';
import { checkId, checkQueueName, checkTag, required, seconds, visibility } from './validation';

/** What {@link Sqs} needs. */
export interface SqsPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** The account whose queues these are, 12 digits. */
  readonly account: string;
  readonly region: string;
  /**
   * What encrypts the bodies of messages in queues with a KmsMasterKeyId.
   * @default - nothing: such queues say that they are encrypted, and their messages are not
   */
  readonly encryption?: KeyService;
  /**
   * Limits other than AWS's.
   * @default - AWS_LIMITS
   */
  readonly limits?: Partial<SqsLimits>;
}

/**
 * Amazon SQS in one account and region. Each action takes and gives what the SDK's command of that name does, and throws
 * an AwsError where AWS answers with an error.
 */
export class Sqs {
  private readonly queues = new Map<string, Queue>();
  private readonly deletedAt = new Map<string, number>();
  private readonly senderIds = new Map<string, string>();
  private readonly limits: SqsLimits;
  private readonly context: QueueContext;

  constructor(private readonly ports: SqsPorts) {
    const { clock, random, timeline } = ports;
    this.limits = { ...AWS_LIMITS, ...ports.limits };
    this.context = { clock, random, timeline, limits: this.limits, find: (arn) => this.findByArn(arn) };
  }

  public createQueue(input: CreateQueueRequest, call: Call): CreateQueueResult {
    const name = required(input.QueueName, 'QueueName');
    const supplied = input.Attributes ?? {};
    const fifo = supplied.FifoQueue === 'true';
    checkQueueName(name, fifo);
    const attributes = this.changedAttributes(defaultAttributes(fifo), supplied, fifo, name);
    checkTags(input.tags ?? {}, new Map(), this.limits);
    const existing = this.queues.get(name);
    if (existing === undefined) {
      this.checkNotDeletedRecently(name);
      this.open(name, fifo, attributes, input.tags ?? {});
    } else {
      existing.metrics.touch(this.now);
      const differing = differingAttribute(existing.attributes, supplied);
      if (differing !== undefined) throw queueNameExists(differing);
    }
    return { QueueUrl: this.urlOf(name, call) };
  }

  public deleteQueue(input: DeleteQueueRequest, _call: Call): void {
    const queue = this.queue(input.QueueUrl);
    this.queues.delete(queue.name);
    this.deletedAt.set(queue.name, this.now);
    queue.close();
  }

  public getQueueUrl(input: GetQueueUrlRequest, call: Call): GetQueueUrlResult {
    const name = required(input.QueueName, 'QueueName');
    const { QueueOwnerAWSAccountId: owner = this.ports.account } = input;
    const queue = owner === this.ports.account ? this.queues.get(name) : undefined;
    if (queue === undefined) throw queueDoesNotExist();
    queue.metrics.touch(this.now);
    return { QueueUrl: this.urlOf(name, call) };
  }

  public listQueues(input: ListQueuesRequest, call: Call): ListQueuesResult {
    const prefix = input.QueueNamePrefix ?? '';
    const names = this.queueNames().filter((name) => name.startsWith(prefix));
    const { items, nextToken } = page(names, input);
    if (items.length === 0) return {};
    return { QueueUrls: items.map((name) => this.urlOf(name, call)), NextToken: nextToken };
  }

  public listDeadLetterSourceQueues(
    input: ListDeadLetterSourceQueuesRequest,
    call: Call,
  ): ListDeadLetterSourceQueuesResult {
    const { arn } = this.queue(input.QueueUrl);
    const isSource = (name: string) => this.queues.get(name)?.settings.redrive?.deadLetterTargetArn === arn;
    const { items, nextToken } = page(this.queueNames().filter(isSource), input);
    return { queueUrls: items.map((name) => this.urlOf(name, call)), NextToken: nextToken };
  }

  public getQueueAttributes(input: GetQueueAttributesRequest, _call: Call): GetQueueAttributesResult {
    const queue = this.queue(input.QueueUrl);
    const names: readonly string[] = input.AttributeNames ?? [];
    const unknown = names.find((name) => name !== 'All' && !isAttribute(name));
    if (unknown !== undefined) throw unknownAttribute(unknown);
    const all = new Map([...countedAttributes(queue), ...queue.attributes]);
    const wanted = names.includes('All') ? [...all] : [...all].filter(([name]) => names.includes(name));
    return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
  }

  public setQueueAttributes(input: SetQueueAttributesRequest, _call: Call): void {
    const queue = this.queue(input.QueueUrl);
    const changes = required(input.Attributes, 'Attributes');
    queue.setAttributes(this.changedAttributes(queue.attributes, changes, queue.fifo, queue.name));
  }

  public sendMessage(input: SendMessageRequest, call: Call): SendMessageResult {
    const queue = this.queue(input.QueueUrl);
    const body = required(input.MessageBody, 'MessageBody');
    const terms = this.sendTerms(queue, call, false);
    checkFifoIds(input, terms);
    const result = send(input, body, sizeOf(input), terms);
    queue.serve();
    return result;
  }

  public sendMessageBatch(input: SendMessageBatchRequest, call: Call): SendMessageBatchResult {
    const queue = this.queue(input.QueueUrl);
    const entries = checkBatch(input.Entries, 'SendMessageBatchRequestEntry', this.limits.batchEntries);
    const terms = this.sendTerms(queue, call, true);
    const sizes = new Map<object, number>();
    let total = 0;
    for (const [index, entry] of entries.entries()) {
      required(entry.MessageBody, `SendMessageBatchRequestEntry.${index + 1}.MessageBody`);
      checkFifoIds(entry, terms);
      const size = sizeOf(entry);
      sizes.set(entry, size);
      total += size;
    }
    if (total > this.limits.messageSize) throw batchRequestTooLong(this.limits.messageSize, total);
    const result = runBatch(entries, (entry) => ({
      Id: entry.Id,
      ...send(entry, entry.MessageBody ?? '', sizes.get(entry) ?? 0, terms),
    }));
    queue.serve();
    return result;
  }

  /** Gives a promise only when there is nothing to receive yet and the caller waits for it. */
  public receiveMessage(
    input: ReceiveMessageRequest,
    call: Call,
  ): ReceiveMessageResult | Promise<ReceiveMessageResult> {
    const queue = this.queue(input.QueueUrl);
    const { settings } = queue;
    const max = this.checkMaxNumber(input.MaxNumberOfMessages ?? 1);
    const wait = this.checkWait(input.WaitTimeSeconds) ?? settings.receiveWait;
    const given = input.VisibilityTimeout;
    const hideFor = given === undefined ? settings.visibilityTimeout : visibility(given, this.limits);
    const attempt = input.ReceiveRequestAttemptId;
    const view = viewOf(input);
    if (attempt !== undefined) checkId(attempt, 'ReceiveRequestAttemptId');
    const receive =
      attempt !== undefined && queue instanceof FifoQueue
        ? () => queue.receiveAttempt(attempt, max, hideFor)
        : () => queue.receive(max, hideFor);

    const messages = receive();
    if (messages.length > 0) return receivedResult(queue, messages, view);
    if (wait === 0 || call.signal?.aborted) {
      // A FIFO queue at its limit, and a long poll, just find nothing.
      if (queue.full && !queue.fifo) throw overLimit('Too many messages are in flight in the queue.');
      queue.metrics.emptyReceives++;
      return {};
    }
    return new Promise((resolve, reject) => {
      const end = (found: typeof messages) => resolve(receivedResult(queue, found, view));
      queue.park({ receive, end, fail: reject }, this.now + wait, call.signal);
    });
  }

  public deleteMessage(input: DeleteMessageRequest, _call: Call): void {
    this.queue(input.QueueUrl).delete(required(input.ReceiptHandle, 'ReceiptHandle'));
  }

  public deleteMessageBatch(input: DeleteMessageBatchRequest, _call: Call): DeleteMessageBatchResult {
    const queue = this.queue(input.QueueUrl);
    const entries = checkBatch(input.Entries, 'DeleteMessageBatchRequestEntry', this.limits.batchEntries);
    return runBatch(entries, ({ Id, ReceiptHandle }) => {
      queue.delete(required(ReceiptHandle, 'ReceiptHandle'));
      return { Id };
    });
  }

  public changeMessageVisibility(input: ChangeMessageVisibilityRequest, _call: Call): void {
    const queue = this.queue(input.QueueUrl);
    const handle = required(input.ReceiptHandle, 'ReceiptHandle');
    queue.changeVisibility(handle, visibility(required(input.VisibilityTimeout, 'VisibilityTimeout'), this.limits));
  }

  public changeMessageVisibilityBatch(
    input: ChangeMessageVisibilityBatchRequest,
    _call: Call,
  ): ChangeMessageVisibilityBatchResult {
    const queue = this.queue(input.QueueUrl);
    const shape = 'ChangeMessageVisibilityBatchRequestEntry';
    return runBatch(checkBatch(input.Entries, shape, this.limits.batchEntries), (entry) => {
      const handle = required(entry.ReceiptHandle, 'ReceiptHandle');
      queue.changeVisibility(handle, visibility(required(entry.VisibilityTimeout, 'VisibilityTimeout'), this.limits));
      return { Id: entry.Id };
    });
  }

  public purgeQueue(input: PurgeQueueRequest, _call: Call): void {
    const queue = this.queue(input.QueueUrl);
    const { purgeInterval } = this.limits;
    if (this.now < queue.purgedAt + purgeInterval) throw purgeQueueInProgress(queue.name, purgeInterval / SECOND);
    queue.purge();
  }

  public tagQueue(input: TagQueueRequest, _call: Call): void {
    const { tags } = this.queue(input.QueueUrl);
    const added = required(input.Tags, 'Tags');
    checkTags(added, tags, this.limits);
    for (const [key, value] of Object.entries(added)) tags.set(key, value);
  }

  public untagQueue(input: UntagQueueRequest, _call: Call): void {
    const { tags } = this.queue(input.QueueUrl);
    for (const key of required(input.TagKeys, 'TagKeys')) tags.delete(key);
  }

  public listQueueTags(input: ListQueueTagsRequest, _call: Call): ListQueueTagsResult {
    const { tags } = this.queue(input.QueueUrl);
    return tags.size === 0 ? {} : { Tags: Object.fromEntries(tags) };
  }

  /** The `AWS/SQS` data of the minute that began at `periodStart`. To be called once a minute, at the minute's end. */
  public collectMetrics(periodStart: number): MetricDatum[] {
    return [...this.queues.values()].flatMap((queue) => queue.collectMetrics(periodStart));
  }

  /** How many messages of each state a queue has; undefined when there is no such queue. */
  public counts(queueName: string): { visible: number; inFlight: number; delayed: number } | undefined {
    const queue = this.queues.get(queueName);
    queue?.catchUp();
    return queue?.counts;
  }

  /** The queues' names, sorted. */
  public queueNames(): string[] {
    return [...this.queues.keys()].sort();
  }

  private get now(): number {
    return this.ports.clock.now();
  }

  private urlOf(name: string, call: Call): string {
    return `${call.endpoint}/${this.ports.account}/${name}`;
  }

  /** The queue of that URL, brought to the present. */
  private queue(url: string | undefined): Queue {
    const text = required(url, 'QueueUrl');
    const slash = text.lastIndexOf('/');
    const queue = this.queues.get(slash < 0 ? text : text.slice(slash + 1));
    if (queue === undefined || (slash >= 0 && !this.isOurs(text, slash))) throw queueDoesNotExist();
    const { now } = this;
    queue.metrics.touch(now);
    queue.catchUp(now);
    return queue;
  }

  private isOurs(url: string, slash: number): boolean {
    const { account } = this.ports;
    const start = slash - account.length;
    return url.startsWith(account, start) && (start === 0 || url[start - 1] === '/');
  }

  private findByArn(arn: string): Queue | undefined {
    const { account, region } = this.ports;
    const parts = parseArn(arn);
    return parts?.account === account && parts.region === region ? this.queues.get(parts.resource) : undefined;
  }

  private open(name: string, fifo: boolean, attributes: AttributeValues, tags: Readonly<Record<string, string>>): void {
    const arn = queueArn(this.ports.region, this.ports.account, name);
    const queue = fifo
      ? new FifoQueue(this.context, name, arn, attributes)
      : new StandardQueue(this.context, name, arn, attributes, false);
    for (const [key, value] of Object.entries(tags)) queue.tags.set(key, value);
    this.queues.set(name, queue);
    this.deletedAt.delete(name);
  }

  private checkNotDeletedRecently(name: string): void {
    const { recreateAfter } = this.limits;
    if (this.now < (this.deletedAt.get(name) ?? -Infinity) + recreateAfter) {
      throw queueDeletedRecently(recreateAfter / SECOND);
    }
  }

  private changedAttributes(
    current: AttributeValues,
    changes: Readonly<Record<string, string>>,
    fifo: boolean,
    name: string,
  ): AttributeValues {
    const readOnly = Object.keys(changes).find((attribute) => READ_ONLY_ATTRIBUTES.has(attribute));
    if (readOnly !== undefined) throw unknownAttribute(readOnly);
    const changed = withAttributes(current, changes, fifo, this.limits);
    if (changes.RedrivePolicy) this.checkDeadLetterTarget(changes.RedrivePolicy, fifo, name);
    return changed;
  }

  private checkDeadLetterTarget(policy: string, fifo: boolean, name: string): void {
    const { account, region } = this.ports;
    const { deadLetterTargetArn } = JSON.parse(policy) as { deadLetterTargetArn: string }; // found well-formed before
    const refuse = (reason: string) => invalidValue('RedrivePolicy', policy, reason);
    const arn = parseArn(deadLetterTargetArn);
    if (arn?.account !== account) throw refuse('Dead letter target owner should be same as the source.');
    if (arn.region !== region) throw refuse('Dead letter target must be in the same region as the source.');
    if (arn.resource === name) throw refuse('Dead letter target must be another queue than the source.');
    const target = this.queues.get(arn.resource);
    if (target === undefined) throw refuse('Dead letter target does not exist.');
    if (target.fifo !== fifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
    if (!allowsRedrive(target.settings.redriveAllow, queueArn(region, account, name))) {
      throw refuse("The dead letter target's RedriveAllowPolicy does not allow this source queue.");
    }
  }

  private sendTerms(queue: Queue, call: Call, inBatch: boolean): SendTerms {
    return { queue, limits: this.limits, senderId: this.senderIdOf(call), traceHeader: call.traceHeader, inBatch };
  }

  private senderIdOf({ principal }: Call): string {
    let id = this.senderIds.get(principal);
    if (id === undefined) this.senderIds.set(principal, (id = senderId(principal)));
    return id;
  }

  private checkMaxNumber(value: number): number {
    const most = this.limits.batchEntries;
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw invalidValue('MaxNumberOfMessages', value, `Must be between 1 and ${most}, if provided.`);
  }

  private checkWait(value: number | undefined): number | undefined {
    if (value === undefined) return undefined;
    const most = this.limits.wait;
    return seconds(value, 'WaitTimeSeconds', most, `Must be >= 0 and <= ${most / SECOND}, if provided.`);
  }
}

type SendResult = SendMessageResult & { MessageId: string; MD5OfMessageBody: string };

function send(input: SendInput, body: string, size: number, terms: SendTerms): SendResult {
  const { draft, md5OfSystemAttributes } = checkSend(input, body, size, terms);
  const { id, particulars } = terms.queue.send(draft);
  const result: SendResult = { MD5OfMessageBody: draft.md5, MessageId: id };
  if (draft.particulars?.attributes !== undefined) result.MD5OfMessageAttributes = draft.particulars.attributes.md5;
  if (md5OfSystemAttributes !== undefined) result.MD5OfMessageSystemAttributes = md5OfSystemAttributes;
  if (particulars?.sequenceNumber !== undefined) result.SequenceNumber = particulars.sequenceNumber;
  return result;
}

function countedAttributes(queue: Queue): [string, string][] {
  const { visible, inFlight, delayed } = queue.counts;
  const inSeconds = (instant: number) => String(Math.floor(instant / SECOND));
  return [
    ['QueueArn', queue.arn],
    ['ApproximateNumberOfMessages', String(visible)],
    ['ApproximateNumberOfMessagesNotVisible', String(inFlight)],
    ['ApproximateNumberOfMessagesDelayed', String(delayed)],
    ['CreatedTimestamp', inSeconds(queue.createdAt)],
    ['LastModifiedTimestamp', inSeconds(queue.modifiedAt)],
  ];
}

function checkTags(
  added: Readonly<Record<string, string>>,
  present: ReadonlyMap<string, string>,
  limits: SqsLimits,
): void {
  for (const [key, value] of Object.entries(added)) checkTag(key, value);
  const total = new Set([...present.keys(), ...Object.keys(added)]).size;
  if (total > limits.tags) {
    throw invalidParameterValue(`Too many tags added for queue: ${total}, at most ${limits.tags} are allowed.`);
  }
}
