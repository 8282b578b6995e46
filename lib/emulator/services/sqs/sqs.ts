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
import { type RequestContext, type MetricDatum, parseArn, type QueueAddress, readQueueUrl, Throttle } from '../../core';
import { type Clock, MINUTE, type Random, SECOND } from '../../clock';
import type { Timeline } from '../../timeline';
import { DeliveryAnomalies, type DeliveryAnomalyOptions } from './anomalies';
import { AttributeChanges, attributesNamed } from './actions/attribute-changes';
import { asksForFifo, defaultAttributes, differingAttribute } from './attributes';
import { Authorization, type ReadPolicy } from './authorization';
import { BodyEncryption, type KeyService } from './encryption';
import { missingParameter, purgeQueueInProgress, queueDoesNotExist, queueNameExists, requestThrottled } from './errors';
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
} from './actions/deleting-and-visibility';
import { limitsOf, type SqsLimits } from './limits';
import { MoveTasks } from './actions/move-tasks';
import { page } from './page';
import { withoutPermission, withPermission } from './actions/permissions';
import type { Queue } from './queue/queue';
import { QueueDirectory } from './queue-directory';
import { bodyReader, receiveMessage } from './actions/receiving';
import { peeked, type PeekedMessage } from './peeking';
import { SenderIds } from './sender-ids';
import { sendMessage, sendMessageBatch } from './actions/sending';
import { checkTags } from './actions/tags';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { checkQueueName, required, requiredMap } from './actions/validation';

const ACCOUNT = /^\d{12}$/;

/** The collaborators and settings of {@link Sqs}. */
export interface SqsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** The account that owns the queues, 12 digits. */
  readonly account: string;
  readonly region: string;
  /**
   * Encrypts the message bodies of queues with a KmsMasterKeyId.
   * @default - bodies are not encrypted, although such queues report that they are
   */
  readonly encryption?: KeyService;
  /**
   * Limits that differ from AWS's.
   * @default - AWS's limits in the Region
   */
  readonly limits?: Partial<SqsLimits>;
  /**
   * Delivery anomalies of standard queues.
   * @default - none
   */
  readonly anomalies?: DeliveryAnomalyOptions;
  /**
   * Parses queue policies, which are then enforced.
   * @default - queue policies have no effect; actions that SQS permits only to the owner are still denied to others
   */
  readonly authorize?: ReadPolicy;
  /**
   * The SQS of another account or Region. A queue URL that names it is served by it.
   * @default - there is none
   */
  readonly neighbour?: (account: string, region: string) => Sqs | undefined;
}

/** A queue's properties that other services need. */
export interface QueueInfo {
  readonly fifo: boolean;
  readonly visibilityTimeoutSeconds: number;
  readonly deadLetterTargetArn?: string;
}

/**
 * Amazon SQS in one account and Region. Each action takes and returns the types of the SDK command of that name, and
 * throws an AwsError if AWS returns an error.
 */
export class Sqs implements ServiceInstance {
  private probedAt = 0;
  private pulseBefore = '';
  /** The delivery anomalies of its standard queues. */
  public readonly anomalies: DeliveryAnomalies;
  private readonly limits: SqsLimits;
  private readonly directory: QueueDirectory;
  private readonly authorization: Authorization;
  private readonly attributeChanges: AttributeChanges;
  private readonly moveTasks: MoveTasks;
  private readonly tagRequests = new Throttle();
  private readonly deletionListeners = new Set<(queueArn: string) => void>();

  constructor(private readonly dependencies: SqsDependencies) {
    const { clock, random, timeline, account, region, encryption, anomalies } = dependencies;
    const limits = (this.limits = { ...limitsOf(region), ...dependencies.limits });
    const find = (arn: string) => this.directory.byArn(arn);
    this.anomalies = new DeliveryAnomalies(anomalies ?? {}, random.fork('anomalies'));
    const context = {
      ...{ clock, random, timeline, limits, find },
      senders: new SenderIds(),
      ...(encryption !== undefined && {
        encryption: new BodyEncryption(encryption, clock, random.fork('encryption')),
      }),
      anomalies: this.anomalies,
    };
    this.directory = new QueueDirectory(account, region, context, ({ arn }) => {
      this.moveTasks.forget(arn);
      for (const listener of this.deletionListeners) listener(arn);
    });
    this.authorization = new Authorization(account, clock, dependencies.authorize);
    this.attributeChanges = new AttributeChanges(this.directory, limits, this.authorization);
    const isDeadLetterQueue = (arn: string) => this.directory.sourcesOf(arn).length > 0;
    const { authorization } = this;
    this.moveTasks = new MoveTasks({ clock, random, limits, find, isDeadLetterQueue, authorization });
  }

  public createQueue(input: CreateQueueRequest, context: RequestContext): CreateQueueResult {
    const name = required(input.QueueName, 'QueueName');
    const { Attributes: supplied = {}, tags = {} } = input;
    const fifo = asksForFifo(supplied);
    checkQueueName(name, fifo);
    const attributes = this.attributeChanges.made({ name, fifo, attributes: defaultAttributes(fifo) }, supplied);
    checkTags(tags, new Map(), this.limits);
    this.directory.checkNotDeletedRecently(name);
    const existing = this.directory.named(name);
    if (existing === undefined) {
      this.directory.open({ name, fifo, attributes, tags });
    } else {
      existing.metrics.touch(this.now);
      this.authorization.check(existing, 'CreateQueue', context);
      const differing = differingAttribute(existing.attributes, supplied, this.limits);
      if (differing !== undefined) throw queueNameExists(differing);
    }
    return { QueueUrl: this.urlOf(name, context) };
  }

  public deleteQueue(input: DeleteQueueRequest, context: RequestContext): void {
    this.directory.delete(this.queue('DeleteQueue', input, context));
  }

  public getQueueUrl(input: GetQueueUrlRequest, context: RequestContext): GetQueueUrlResult {
    const name = required(input.QueueName, 'QueueName');
    const { account, region } = this.dependencies;
    const { QueueOwnerAWSAccountId: owner = account } = input;
    this.reach('GetQueueUrl', { name, account: owner, region }, context);
    return { QueueUrl: this.urlOf(name, context, owner) };
  }

  public listQueues(input: ListQueuesRequest, context: RequestContext): ListQueuesResult {
    const prefix = input.QueueNamePrefix ?? '';
    const names = this.directory.names().filter((name) => name.startsWith(prefix));
    const { items, nextToken } = page(names, input);
    if (items.length === 0) return {};
    return { QueueUrls: items.map((name) => this.urlOf(name, context)), NextToken: nextToken };
  }

  public listDeadLetterSourceQueues(
    input: ListDeadLetterSourceQueuesRequest,
    context: RequestContext,
  ): ListDeadLetterSourceQueuesResult {
    const { arn } = this.queue('ListDeadLetterSourceQueues', input, context);
    const { account, region } = parseArn(arn) ?? this.dependencies;
    const { items, nextToken } = page(this.placeOf(account, region)?.directory.sourcesOf(arn) ?? [], input);
    return { queueUrls: items.map((name) => this.urlOf(name, context, account)), NextToken: nextToken };
  }

  public getQueueAttributes(input: GetQueueAttributesRequest, context: RequestContext): GetQueueAttributesResult {
    const queue = this.queue('GetQueueAttributes', input, context);
    const attributes = attributesNamed(queue, input.AttributeNames ?? []);
    return attributes.length === 0 ? {} : { Attributes: Object.fromEntries(attributes) };
  }

  public setQueueAttributes(input: SetQueueAttributesRequest, context: RequestContext): void {
    const queue = this.queue('SetQueueAttributes', input, context);
    queue.setAttributes(this.attributeChanges.made(queue, requiredMap(input.Attributes, 'Attribute.Name')));
  }

  public addPermission(input: AddPermissionRequest, context: RequestContext): void {
    const queue = this.queue('AddPermission', input, context);
    const policy = withPermission(queue.attributes.get('Policy'), queue.arn, input, this.limits);
    queue.setAttributes(this.attributeChanges.made(queue, { Policy: policy }));
  }

  public removePermission(input: RemovePermissionRequest, context: RequestContext): void {
    const queue = this.queue('RemovePermission', input, context);
    const policy = withoutPermission(queue.attributes.get('Policy'), input.Label) ?? '';
    queue.setAttributes(this.attributeChanges.made(queue, { Policy: policy }));
  }

  public sendMessage(input: SendMessageRequest, context: RequestContext): SendMessageResult {
    return sendMessage(this.queue('SendMessage', input, context), input, context);
  }

  public sendMessageBatch(input: SendMessageBatchRequest, context: RequestContext): SendMessageBatchResult {
    return sendMessageBatch(this.queue('SendMessage', input, context), input, context);
  }

  /** Returns a promise only if the queue has no visible message and the caller waits. */
  public receiveMessage(
    input: ReceiveMessageRequest,
    context: RequestContext,
  ): ReceiveMessageResult | Promise<ReceiveMessageResult> {
    return receiveMessage(this.queue('ReceiveMessage', input, context), input, context);
  }

  public deleteMessage(input: DeleteMessageRequest, context: RequestContext): void {
    deleteMessage(this.queue('DeleteMessage', input, context), input);
  }

  public deleteMessageBatch(input: DeleteMessageBatchRequest, context: RequestContext): DeleteMessageBatchResult {
    return deleteMessageBatch(this.queue('DeleteMessage', input, context), input);
  }

  public changeMessageVisibility(input: ChangeMessageVisibilityRequest, context: RequestContext): void {
    changeMessageVisibility(this.queue('ChangeMessageVisibility', input, context), input);
  }

  public changeMessageVisibilityBatch(
    input: ChangeMessageVisibilityBatchRequest,
    context: RequestContext,
  ): ChangeMessageVisibilityBatchResult {
    return changeMessageVisibilityBatch(this.queue('ChangeMessageVisibility', input, context), input);
  }

  public purgeQueue(input: PurgeQueueRequest, context: RequestContext): void {
    const queue = this.queue('PurgeQueue', input, context);
    const { purgeInterval } = this.limits;
    if (this.now < queue.purgedAt + purgeInterval) throw purgeQueueInProgress(queue.name, purgeInterval / SECOND);
    queue.purge();
  }

  public startMessageMoveTask(input: StartMessageMoveTaskRequest, context: RequestContext): StartMessageMoveTaskResult {
    return this.moveTasks.start(input, context);
  }

  public listMessageMoveTasks(input: ListMessageMoveTasksRequest, context: RequestContext): ListMessageMoveTasksResult {
    return this.moveTasks.list(input, context);
  }

  public cancelMessageMoveTask(
    input: CancelMessageMoveTaskRequest,
    context: RequestContext,
  ): CancelMessageMoveTaskResult {
    return this.moveTasks.cancel(input, context);
  }

  public tagQueue(input: TagQueueRequest, context: RequestContext): void {
    const { tags } = this.queueForTags('TagQueue', input, context);
    const added = requiredMap(input.Tags, 'Tags');
    checkTags(added, tags, this.limits);
    for (const [key, value] of Object.entries(added)) tags.set(key, value);
  }

  public untagQueue(input: UntagQueueRequest, context: RequestContext): void {
    const { tags } = this.queueForTags('UntagQueue', input, context);
    const keys = input.TagKeys ?? [];
    if (keys.length === 0) throw missingParameter('TagKeys');
    for (const key of keys) tags.delete(key);
  }

  public listQueueTags(input: ListQueueTagsRequest, context: RequestContext): ListQueueTagsResult {
    const { tags } = this.queueForTags('ListQueueTags', input, context);
    return tags.size === 0 ? {} : { Tags: Object.fromEntries(tags) };
  }

  /** The `AWS/SQS` metrics of the minute that began at `periodStart`. Call it once a minute, at its end. */
  public collectMetrics(periodStart: number): MetricDatum[] {
    return [...this.directory.all()].flatMap((queue) => queue.collectMetrics(periodStart));
  }

  /** Minutes are alike while the queues' contents stay the same and only repeated receives use them. */
  public readonly idle: IdleParticipant = {
    probe: () => {
      this.probedAt = this.now;
      this.pulseBefore = this.pulse();
    },
    steadyUntil: () => (this.pulse() === this.pulseBefore ? this.steadyUntil(this.probedAt) : -Infinity),
    skip: (minutes) => this.skip(minutes * MINUTE, this.probedAt),
  };

  /** What the queues contain, and what has happened to them since their metrics were last collected. */
  private pulse(): string {
    const pulse = [...this.directory.all()].flatMap(({ counts: { visible, inFlight, delayed }, metrics }) => {
      const { sent, received, emptyReceives, deleted } = metrics;
      return [visible, inFlight, delayed, sent, received, emptyReceives, deleted];
    });
    return String(pulse);
  }

  /**
   * Until when all queues publish the same metrics each minute, if only repeated receives use them.
   * @param since the start of the last minute
   */
  private steadyUntil(since: number): number {
    const { now } = this;
    let until = Infinity;
    for (const queue of this.directory.all()) {
      until = Math.min(until, queue.metrics.steadyUntil(since, now, this.limits));
    }
    return until;
  }

  /** Counts the receives that were repeated since `since` for the skipped milliseconds. */
  private skip(milliseconds: number, since: number): void {
    for (const queue of this.directory.all()) queue.metrics.skip(milliseconds, since);
  }

  /** The numbers of a queue's messages in each state; undefined if there is no such queue. */
  public counts(queueName: string): { visible: number; inFlight: number; delayed: number } | undefined {
    const queue = this.directory.named(queueName);
    queue?.catchUp();
    return queue?.counts;
  }

  /**
   * Some of a queue's messages, at most `max`, oldest first; undefined if there is no such queue. Receives nothing.
   * @throws AwsError if the caller may not decrypt a message
   */
  public peek(queueName: string, max: number, context: RequestContext): PeekedMessage[] | undefined {
    const queue = this.directory.named(queueName);
    if (queue === undefined) return undefined;
    queue.catchUp();
    const bodyOf = bodyReader(queue, context);
    return queue.peek(max).map((message) => peeked(message, bodyOf(message)));
  }

  /** What a queue waits for; undefined if there is no such queue. */
  public waitingState(queueName: string): Queue['waitingState'] | undefined {
    const queue = this.directory.named(queueName);
    queue?.catchUp();
    return queue?.waitingState;
  }

  /** A queue's properties, without authorization; undefined if there is no such queue. */
  public queueInfo(queueName: string): QueueInfo | undefined {
    const queue = this.directory.named(queueName);
    if (queue === undefined) return undefined;
    const { visibilityTimeout, redrive } = queue.settings;
    return {
      fifo: queue.fifo,
      visibilityTimeoutSeconds: visibilityTimeout / SECOND,
      deadLetterTargetArn: redrive?.deadLetterTargetArn,
    };
  }

  /** The names of the queues, sorted. */
  public queueNames(): string[] {
    return this.directory.names();
  }

  /** Registers a listener that is called with the ARN of each deleted queue, until {@link close}. */
  public onQueueDeleted(listener: (queueArn: string) => void): void {
    this.deletionListeners.add(listener);
  }

  /** Deletes all queues, which ends waiting receives. */
  public endWaiting(): void {
    this.deletionListeners.clear();
    for (const name of this.directory.names()) this.directory.drop(name);
  }

  private get now(): number {
    return this.dependencies.clock.now();
  }

  private urlOf(name: string, context: RequestContext, account = this.dependencies.account): string {
    return `${context.endpoint}/${account}/${name}`;
  }

  /** Finds the request's queue, in any account, and checks that the caller may act on it. */
  private queue(action: string, { QueueUrl: url }: { QueueUrl: string | undefined }, context: RequestContext): Queue {
    return this.reach(action, readQueueUrl(required(url, 'QueueUrl')), context);
  }

  /** Finds a queue and applies what is due. A denied request still counts as use of the queue. */
  private reach(action: string, { name, account, region }: QueueAddress, context: RequestContext): Queue {
    const { now } = this;
    const place = this.placeOf(account ?? this.dependencies.account, region ?? this.dependencies.region);
    const queue = place?.directory.usable(name, now);
    if (place === undefined || queue === undefined) throw queueDoesNotExist();
    queue.metrics.touch(now);
    place.authorization.check(queue, action, context);
    queue.catchUp(now);
    return queue;
  }

  private queueForTags(action: string, input: { QueueUrl: string | undefined }, context: RequestContext): Queue {
    const queue = this.queue(action, input, context);
    if (!this.tagRequests.take(['tags'], this.limits.tagTransactions, this.now)) throw requestThrottled();
    return queue;
  }

  private placeOf(account: string, region: string): Sqs | undefined {
    if (account === this.dependencies.account && region === this.dependencies.region) return this;
    return ACCOUNT.test(account) ? this.dependencies.neighbour?.(account, region) : undefined;
  }
}
