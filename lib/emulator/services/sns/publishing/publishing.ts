import type { PublishBatchInput, PublishBatchResponse, PublishInput, PublishResponse } from '@aws-sdk/client-sns';
import { AwsError, type RequestContext } from '../../../core';
import type { Clock, Random } from '../../../clock';
import type { Timeline } from '../../../timeline';
import type { FanOut } from '../delivery/fan-out';
import { Notification } from '../delivery/notification';
import { batchTooLong, invalidParameter, kmsError, throttled } from '../errors';
import type { SnsLimits } from '../limits';
import type { TopicKeys } from '../ports';
import type { Topic } from '../topics/topic';
import { largestMessage } from '../topics/topic-attributes';
import { checkBatch, runBatch } from './batch';
import { type CheckedMessage, checkLength, checkMessage, LARGE_MESSAGE } from './message';

/** The collaborators of {@link Publishing}. */
export interface PublishingDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly limits: SnsLimits;
  readonly keys: TopicKeys;
  readonly fanOut: FanOut;
}

const MOST_FOR_LARGE = 100;
const FOR_LARGE: readonly string[] = ['lambda', 'sqs'];
const MOST_DATA_KEYS = 1_000;

/** Takes messages for topics: checks them, leaves out duplicates, and hands them to the fan-out. */
export class Publishing {
  private readonly ids: Random;
  /** Until when the data key of a publisher and topic is reused. */
  private readonly dataKeys = new Map<string, number>();

  constructor(private readonly dependencies: PublishingDependencies) {
    this.ids = dependencies.random.fork('sns.messages');
  }

  public publish(topic: Topic, input: PublishInput, context: RequestContext): PublishResponse {
    const message = checkMessage(input, topic);
    checkLength(message, topic, this.dependencies.limits);
    checkLarge(message.size, topic);
    this.encrypt(topic, context);
    return this.accept(topic, message, context);
  }

  public publishBatch(topic: Topic, input: PublishBatchInput, context: RequestContext): PublishBatchResponse {
    const { limits } = this.dependencies;
    const entries = checkBatch(input.PublishBatchRequestEntries, limits.batchEntries);
    const messages = entries.map((entry) => ({ Id: entry.Id ?? '', message: checkMessage(entry, topic) }));
    const size = messages.reduce((sum, { message }) => sum + message.size, 0);
    if (size > largestMessage(topic, limits)) throw batchTooLong();
    checkLarge(size, topic);
    this.encrypt(topic, context);
    return runBatch(messages, ({ message }) => this.accept(topic, message, context));
  }

  private accept(topic: Topic, message: CheckedMessage, context: RequestContext): PublishResponse {
    const { clock, limits, fanOut, timeline } = this.dependencies;
    const now = clock.now();
    const { deduplicationId, groupId = '' } = message;
    const scope = topic.scopedToGroups ? `${groupId}\n${deduplicationId}` : deduplicationId;
    const known = scope === undefined ? undefined : topic.deduplication.find(scope, now);
    if (known !== undefined) return { MessageId: known.messageId, SequenceNumber: known.sequenceNumber };
    if (topic.fifo) this.checkThroughput(topic, groupId, now);
    const messageId = this.ids.uuid();
    const sequenceNumber = topic.fifo ? topic.nextSequenceNumber() : undefined;
    if (scope !== undefined && sequenceNumber !== undefined) {
      topic.deduplication.remember(scope, { messageId, sequenceNumber }, now, limits.deduplicationWindow);
    }
    topic.metrics.published(message.size);
    if (timeline.observed) {
      const detail = { message: messageId, group: message.groupId, size: message.size };
      timeline.record('sns.published', topic.name, detail, message.bodies.default);
    }
    const base = context.endpoint === '' ? `https://sns.${topic.region}.amazonaws.com` : context.endpoint;
    fanOut.send(new Notification(topic, message, messageId, now, sequenceNumber, base));
    return { MessageId: messageId, ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }) };
  }

  private checkThroughput(topic: Topic, groupId: string, now: number): void {
    const { fifoTopicMessages, fifoGroupMessages } = this.dependencies.limits;
    const [name, most] = topic.scopedToGroups ? [groupId, fifoGroupMessages] : ['', fifoTopicMessages];
    if (!topic.throttle.take([name], most, now)) throw throttled();
  }

  /** Uses the topic's key on behalf of the publisher, once per publisher and reuse period. */
  private encrypt(topic: Topic, context: RequestContext): void {
    const { keyId } = topic;
    if (keyId === undefined) return;
    const { clock, keys, limits } = this.dependencies;
    const name = `${context.principal} ${context.sourceArn} ${topic.arn} ${keyId}`;
    const now = clock.now();
    if (now < (this.dataKeys.get(name) ?? -Infinity)) return;
    try {
      keys.use(keyId, topic.arn, context);
    } catch (error) {
      throw error instanceof AwsError ? kmsError(error) : error;
    }
    if (this.dataKeys.size >= MOST_DATA_KEYS) this.dataKeys.clear();
    this.dataKeys.set(name, now + limits.dataKeyReuse);
  }
}

/** Throws if a message of more than 256 KiB has subscriptions that cannot take it. */
function checkLarge(size: number, { subscriptions }: Topic): void {
  if (size <= LARGE_MESSAGE) return;
  if (subscriptions.size > MOST_FOR_LARGE) {
    throw invalidParameter(`Message too long: above 256 KiB, a topic has at most ${MOST_FOR_LARGE} subscriptions`);
  }
  const other = [...subscriptions.values()].find(({ identity }) => !FOR_LARGE.includes(identity.protocol));
  if (other !== undefined) {
    throw invalidParameter(
      `Message too long: above 256 KiB, a topic has no subscriptions of ${other.identity.protocol}`,
    );
  }
}
