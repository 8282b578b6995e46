import type {
  AddPermissionRequest,
  CancelMessageMoveTaskRequest,
  CancelMessageMoveTaskResult,
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
  ListMessageMoveTasksRequest,
  ListMessageMoveTasksResult,
  ListQueuesRequest,
  ListQueuesResult,
  ListQueueTagsRequest,
  ListQueueTagsResult,
  PurgeQueueRequest,
  ReceiveMessageRequest,
  ReceiveMessageResult,
  RemovePermissionRequest,
  SendMessageBatchRequest,
  SendMessageBatchResult,
  SendMessageRequest,
  SendMessageResult,
  SetQueueAttributesRequest,
  StartMessageMoveTaskRequest,
  StartMessageMoveTaskResult,
  TagQueueRequest,
  UntagQueueRequest,
} from '@aws-sdk/client-sqs';
import type { Call, MetricDatum } from '../api';
import { parseArn, readQueueUrl, userId } from '../api';
import { type Clock, type Random, SECOND } from '../clock';
import type { Timeline } from '../timeline';
import { Adversary, type AdversaryOptions } from './adversary';
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
import { BodyEncryption, DEFAULT_REUSE, type KeyService } from './encryption';
import {
  accessDenied,
  batchRequestTooLong,
  invalidParameterValue,
  invalidValue,
  messageTooLong,
  overLimit,
  purgeQueueInProgress,
  queueDeletedRecently,
  queueDoesNotExist,
  queueNameExists,
  requestThrottled,
  unknownAttribute,
} from './errors';
import { FifoQueue } from './fifo-queue';
import { limitsOf, type SqsLimits } from './limits';
import type { QueuedMessage } from './message';
import { MoveTasks } from './move-tasks';
import { page } from './paging';
import { withoutPermission, withPermission } from './permissions';
import type { Queue, QueueContext } from './queue';
import { receivedResult, viewOf } from './received';
import { allowsRedrive, queueArn } from './redrive';
import { StandardQueue } from './standard-queue';
import { Throttle } from './throttle';
import { checkId, checkQueueName, checkTag, required, seconds, visibility } from './validation';

const ACCOUNT = /^\d{12}$/;
/** How many senders' ids are kept at hand. */
const MOST_SENDERS = 10_000;

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
   * @default - AWS's in this region
   */
  readonly limits?: Partial<SqsLimits>;
  /**
   * Makes standard queues as unpleasant as AWS reserves the right to be, to try consumers on.
   * @default - they behave
   */
  readonly adversary?: AdversaryOptions;
  /**
   * The queues of another account or region, if there are any: where a queue URL leads there, its owner serves it.
   * @default - there are no others
   */
  readonly neighbour?: (account: string, region: string) => Sqs | undefined;
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
  private readonly moveTasks: MoveTasks;
  private readonly tagRequests = new Throttle();

  constructor(private readonly ports: SqsPorts) {
    const { clock, random, timeline, region, encryption, adversary } = ports;
    const limits = (this.limits = { ...limitsOf(region), ...ports.limits });
    const find = (arn: string) => this.findByArn(arn);
    this.context = {
      ...{ clock, random, timeline, limits, find },
      ...(encryption !== undefined && {
        encryption: new BodyEncryption(encryption, clock, random.fork('encryption')),
      }),
      ...(adversary !== undefined && { adversary: new Adversary(adversary, random.fork('adversary')) }),
    };
    const isDeadLetterQueue = (arn: string) => this.sourcesOf(arn).length > 0;
    this.moveTasks = new MoveTasks({ clock, random, limits, find, isDeadLetterQueue });
  }

  public createQueue(input: CreateQueueRequest, call: Call): CreateQueueResult {
    const name = required(input.QueueName, 'QueueName');
    const supplied = input.Attributes ?? {};
    const fifo = supplied.FifoQueue === 'true';
    checkQueueName(name, fifo);
    const attributes = this.changedAttributes(defaultAttributes(fifo), supplied, fifo, name);
    checkTags(input.tags ?? {}, new Map(), this.limits);
    this.checkNotDeletedRecently(name);
    const existing = this.queues.get(name);
    if (existing === undefined) {
      this.open(name, fifo, attributes, input.tags ?? {});
    } else {
      existing.metrics.touch(this.now);
      const differing = differingAttribute(existing.attributes, supplied);
      if (differing !== undefined) throw queueNameExists(differing);
    }
    return { QueueUrl: this.urlOf(name, call) };
  }

  public deleteQueue(input: DeleteQueueRequest, call: Call): void {
    const queue = this.ownQueue(input.QueueUrl, call, 'DeleteQueue');
    const { deletionTime } = this.limits;
    this.rememberDeletion(queue.name);
    if (deletionTime === 0) this.drop(queue);
    else this.ports.clock.schedule(this.now + deletionTime, () => this.drop(queue), `${queue.name} is deleted`);
  }

  public getQueueUrl(input: GetQueueUrlRequest, call: Call): GetQueueUrlResult {
    const name = required(input.QueueName, 'QueueName');
    const { account, region } = this.ports;
    const { QueueOwnerAWSAccountId: owner = account } = input;
    const queue = this.placeOf(owner, region)?.usable(name);
    if (queue === undefined) throw queueDoesNotExist();
    queue.metrics.touch(this.now);
    return { QueueUrl: this.urlOf(name, call, owner) };
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
    const { arn } = this.queue(input.QueueUrl, call);
    const { account, region } = parseArn(arn) ?? this.ports;
    const { items, nextToken } = page(this.placeOf(account, region)?.sourcesOf(arn) ?? [], input);
    return { queueUrls: items.map((name) => this.urlOf(name, call, account)), NextToken: nextToken };
  }

  public getQueueAttributes(input: GetQueueAttributesRequest, call: Call): GetQueueAttributesResult {
    const queue = this.queue(input.QueueUrl, call);
    const names: readonly string[] = input.AttributeNames ?? [];
    const unknown = names.find((name) => name !== 'All' && !isAttribute(name));
    if (unknown !== undefined) throw unknownAttribute(unknown);
    const all = new Map([...countedAttributes(queue), ...queue.attributes]);
    const wanted = names.includes('All') ? [...all] : [...all].filter(([name]) => names.includes(name));
    return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
  }

  public setQueueAttributes(input: SetQueueAttributesRequest, call: Call): void {
    const queue = this.ownQueue(input.QueueUrl, call, 'SetQueueAttributes');
    const changes = required(input.Attributes, 'Attributes');
    queue.setAttributes(this.changedAttributes(queue.attributes, changes, queue.fifo, queue.name));
  }

  public addPermission(input: AddPermissionRequest, call: Call): void {
    const queue = this.ownQueue(input.QueueUrl, call, 'AddPermission');
    const policy = withPermission(queue.attributes.get('Policy'), queue.arn, input, this.limits);
    queue.setAttributes(this.changedAttributes(queue.attributes, { Policy: policy }, queue.fifo, queue.name));
  }

  public removePermission(input: RemovePermissionRequest, call: Call): void {
    const queue = this.ownQueue(input.QueueUrl, call, 'RemovePermission');
    const policy = withoutPermission(queue.attributes.get('Policy'), input.Label) ?? '';
    queue.setAttributes(this.changedAttributes(queue.attributes, { Policy: policy }, queue.fifo, queue.name));
  }

  public sendMessage(input: SendMessageRequest, call: Call): SendMessageResult {
    const queue = this.queue(input.QueueUrl, call);
    const body = required(input.MessageBody, 'MessageBody');
    const terms = this.sendTerms(queue, call, false);
    checkFifoIds(input, terms);
    if (queue.fifo) queue.use('send', [input.MessageGroupId ?? '']);
    const result = send(input, body, sizeOf(input), this.sealing(terms, call));
    queue.serve();
    return result;
  }

  public sendMessageBatch(input: SendMessageBatchRequest, call: Call): SendMessageBatchResult {
    const queue = this.queue(input.QueueUrl, call);
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
    if (queue.fifo)
      queue.use(
        'send',
        entries.map(({ MessageGroupId = '' }) => MessageGroupId),
      );
    const sealing = this.sealing(terms, call);
    const result = runBatch(entries, (entry) => ({
      Id: entry.Id,
      ...send(entry, entry.MessageBody ?? '', sizes.get(entry) ?? 0, sealing),
    }));
    queue.serve();
    return result;
  }

  /** Gives a promise only when there is nothing to receive yet and the caller waits for it. */
  public receiveMessage(
    input: ReceiveMessageRequest,
    call: Call,
  ): ReceiveMessageResult | Promise<ReceiveMessageResult> {
    const queue = this.queue(input.QueueUrl, call);
    const { settings } = queue;
    const max = this.checkMaxNumber(input.MaxNumberOfMessages ?? 1);
    const wait = this.checkWait(input.WaitTimeSeconds) ?? settings.receiveWait;
    const given = input.VisibilityTimeout;
    const hideFor = given === undefined ? settings.visibilityTimeout : visibility(given, this.limits);
    const attempt = input.ReceiveRequestAttemptId;
    const view = viewOf(input, this.reader(queue, call));
    if (attempt !== undefined) checkId(attempt, 'ReceiveRequestAttemptId');
    const receive =
      attempt !== undefined && queue instanceof FifoQueue
        ? () => queue.receiveAttempt(attempt, max, hideFor)
        : () => queue.receive(max, hideFor);

    queue.use('receive');
    const hidden = wait === 0 && !queue.fifo && this.context.adversary?.hidesMessages() === true;
    const messages = hidden ? [] : receive();
    if (messages.length > 0) {
      const result = receivedResult(queue, messages, view);
      // A repeated attempt that hides its messages no longer shows them to those who wait, with handles of their own.
      if (hideFor === 0) queue.serve();
      return result;
    }
    if (wait === 0 || call.signal?.aborted) {
      // A FIFO queue at its limit, and a long poll, just find nothing.
      if (queue.full && !queue.fifo) throw overLimit('Too many messages are in flight in the queue.');
      queue.metrics.emptyReceives++;
      return {};
    }
    return new Promise((resolve, reject) => {
      const end = (found: typeof messages) => {
        try {
          resolve(receivedResult(queue, found, view));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error))); // KMS refused
        }
      };
      queue.park({ receive, end, fail: reject }, this.now + wait, call.signal);
    });
  }

  public deleteMessage(input: DeleteMessageRequest, call: Call): void {
    const queue = this.queue(input.QueueUrl, call);
    const handle = required(input.ReceiptHandle, 'ReceiptHandle');
    queue.use('delete');
    queue.delete(handle);
    queue.serve();
  }

  public deleteMessageBatch(input: DeleteMessageBatchRequest, call: Call): DeleteMessageBatchResult {
    const queue = this.queue(input.QueueUrl, call);
    const entries = checkBatch(input.Entries, 'DeleteMessageBatchRequestEntry', this.limits.batchEntries);
    queue.use('delete');
    const result = runBatch(entries, ({ Id, ReceiptHandle }) => {
      queue.delete(required(ReceiptHandle, 'ReceiptHandle'));
      return { Id };
    });
    queue.serve();
    return result;
  }

  public changeMessageVisibility(input: ChangeMessageVisibilityRequest, call: Call): void {
    const queue = this.queue(input.QueueUrl, call);
    const handle = required(input.ReceiptHandle, 'ReceiptHandle');
    const hideFor = visibility(required(input.VisibilityTimeout, 'VisibilityTimeout'), this.limits);
    queue.use('changeVisibility');
    queue.changeVisibility(handle, hideFor);
    queue.serve();
  }

  public changeMessageVisibilityBatch(
    input: ChangeMessageVisibilityBatchRequest,
    call: Call,
  ): ChangeMessageVisibilityBatchResult {
    const queue = this.queue(input.QueueUrl, call);
    const shape = 'ChangeMessageVisibilityBatchRequestEntry';
    const entries = checkBatch(input.Entries, shape, this.limits.batchEntries);
    queue.use('changeVisibility');
    const result = runBatch(entries, (entry) => {
      const handle = required(entry.ReceiptHandle, 'ReceiptHandle');
      queue.changeVisibility(handle, visibility(required(entry.VisibilityTimeout, 'VisibilityTimeout'), this.limits));
      return { Id: entry.Id };
    });
    queue.serve();
    return result;
  }

  public purgeQueue(input: PurgeQueueRequest, call: Call): void {
    const queue = this.queue(input.QueueUrl, call);
    const { purgeInterval } = this.limits;
    if (this.now < queue.purgedAt + purgeInterval) throw purgeQueueInProgress(queue.name, purgeInterval / SECOND);
    queue.purge();
  }

  public startMessageMoveTask(input: StartMessageMoveTaskRequest, call: Call): StartMessageMoveTaskResult {
    return this.moveTasks.start(input, (message, source, target) => this.resend(message, source, target, call));
  }

  public listMessageMoveTasks(input: ListMessageMoveTasksRequest, _call: Call): ListMessageMoveTasksResult {
    return this.moveTasks.list(input);
  }

  public cancelMessageMoveTask(input: CancelMessageMoveTaskRequest, _call: Call): CancelMessageMoveTaskResult {
    return this.moveTasks.cancel(input);
  }

  public tagQueue(input: TagQueueRequest, call: Call): void {
    const { tags } = this.queueForTags(input.QueueUrl, call, 'TagQueue');
    const added = required(input.Tags, 'Tags');
    checkTags(added, tags, this.limits);
    for (const [key, value] of Object.entries(added)) tags.set(key, value);
  }

  public untagQueue(input: UntagQueueRequest, call: Call): void {
    const { tags } = this.queueForTags(input.QueueUrl, call, 'UntagQueue');
    for (const key of required(input.TagKeys, 'TagKeys')) tags.delete(key);
  }

  public listQueueTags(input: ListQueueTagsRequest, call: Call): ListQueueTagsResult {
    const { tags } = this.queueForTags(input.QueueUrl, call, 'ListQueueTags');
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

  /** What a queue waits for; undefined when there is no such queue. */
  public outlook(queueName: string): Queue['outlook'] | undefined {
    const queue = this.queues.get(queueName);
    queue?.catchUp();
    return queue?.outlook;
  }

  /** The queues' names, sorted. */
  public queueNames(): string[] {
    return [...this.queues.keys()].sort();
  }

  private get now(): number {
    return this.ports.clock.now();
  }

  private urlOf(name: string, call: Call, account = this.ports.account): string {
    return `${call.endpoint}/${account}/${name}`;
  }

  /** The queue of that URL, whosever it is, brought to the present. */
  private queue(url: string | undefined, _call: Call): Queue {
    const { account, region } = this.ports;
    const { name, account: owner = account, region: place = region } = readQueueUrl(required(url, 'QueueUrl'));
    const { now } = this;
    const queue = this.placeOf(owner, place)?.usable(name, now);
    if (queue === undefined) throw queueDoesNotExist();
    queue.metrics.touch(now);
    queue.catchUp(now);
    return queue;
  }

  /** The queue of that URL, for an action that SQS allows to nobody outside the queue's account. */
  private ownQueue(url: string | undefined, call: Call, action: string): Queue {
    const queue = this.queue(url, call);
    if (parseArn(queue.arn)?.account !== this.ports.account) throw accessDenied(call.principal, action, queue.arn);
    return queue;
  }

  private queueForTags(url: string | undefined, call: Call, action: string): Queue {
    const queue = this.ownQueue(url, call, action);
    if (!this.tagRequests.take(['tags'], this.limits.tagTransactions, this.now)) throw requestThrottled();
    return queue;
  }

  private placeOf(account: string, region: string): Sqs | undefined {
    if (account === this.ports.account && region === this.ports.region) return this;
    return ACCOUNT.test(account) ? this.ports.neighbour?.(account, region) : undefined;
  }

  /** The queue of that name, once it can be used. */
  private usable(name: string, now = this.now): Queue | undefined {
    const queue = this.queues.get(name);
    return queue !== undefined && now >= queue.createdAt + this.limits.creationTime ? queue : undefined;
  }

  /** The names of the queues that have this one for their dead letters, sorted. */
  private sourcesOf(arn: string): string[] {
    return this.queueNames().filter((name) => this.queues.get(name)?.settings.redrive?.deadLetterTargetArn === arn);
  }

  private drop(queue: Queue): void {
    if (this.queues.get(queue.name) !== queue) return;
    this.queues.delete(queue.name);
    this.moveTasks.forget(queue.arn);
    this.ports.timeline.record('sqs.queueDeleted', queue.name);
    queue.close();
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

  private rememberDeletion(name: string): void {
    const { deletedAt, now } = this;
    for (const [other, at] of deletedAt) {
      if (now < at + this.limits.recreateAfter) break; // the rest is more recent
      deletedAt.delete(other);
    }
    deletedAt.delete(name);
    deletedAt.set(name, now);
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

  /** The terms with what encrypts, where the queue wants that. Asks KMS, unless it has done so lately. */
  private sealing(terms: SendTerms, call: Call): SendTerms {
    const { encryption } = this.context;
    const { arn, settings } = terms.queue;
    if (encryption === undefined || settings.key === undefined) return terms;
    return { ...terms, seal: { encryption, key: encryption.keyFor(arn, settings.key, call.principal) } };
  }

  /** What gives a caller the bodies of a queue's messages. */
  private reader({ settings }: Queue, { principal }: Call): (message: QueuedMessage) => string {
    const { encryption } = this.context;
    return ({ body, particulars }) => {
      const sealed = particulars?.sealed;
      if (encryption === undefined || sealed === undefined) return body;
      return encryption.open(body, sealed, settings.key?.reuse ?? DEFAULT_REUSE, principal);
    };
  }

  /** Sends a message that a move task took out of `source`: a new message, but for what it says. */
  private resend(message: QueuedMessage, source: Queue, target: Queue, call: Call): void {
    const { md5, size, senderId, particulars = {} } = message;
    const { seal } = this.sealing(this.sendTerms(target, call, false), call);
    const largest = target.settings.maximumMessageSize;
    if (size > largest) throw messageTooLong(largest, false);
    const read = this.reader(source, call)(message);
    const { attributes, traceHeader, groupId } = particulars;
    target.send({
      ...{ md5, size, senderId },
      body: seal === undefined ? read : seal.encryption.seal(read, seal.key),
      text: read,
      particulars: {
        ...{ attributes, traceHeader, groupId, sealed: seal?.key.sealed },
        // As itself it would be a duplicate, were it moved within the five minutes after it was sent.
        deduplicationId: target.fifo ? message.id : undefined,
      },
    });
  }

  private senderIdOf({ principal }: Call): string {
    let id = this.senderIds.get(principal);
    if (id === undefined) {
      if (this.senderIds.size >= MOST_SENDERS) this.senderIds.clear();
      this.senderIds.set(principal, (id = userId(principal)));
    }
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
