import { parseArn } from '../../core';
import { SECOND } from '../../clock';
import type { AttributeValues } from './attributes';
import { queueDeletedRecently } from './errors';
import { FifoQueue } from './queue/fifo-queue';
import type { Queue, QueueContext } from './queue/queue';
import { queueArn } from './queue/redrive';
import { StandardQueue } from './queue/standard-queue';

/** The definition of a new queue. */
export interface NewQueue {
  readonly name: string;
  readonly fifo: boolean;
  readonly attributes: AttributeValues;
  readonly tags: Readonly<Record<string, string>>;
}

/** The queues of an account and Region by name, and the names that deleted queues still occupy. */
export class QueueDirectory {
  private readonly queues = new Map<string, Queue>();
  private readonly deletedAt = new Map<string, number>();

  /** @param dropped called with each queue that is removed */
  constructor(
    public readonly account: string,
    public readonly region: string,
    private readonly context: QueueContext,
    private readonly dropped: (queue: Queue) => void,
  ) {}

  /** All queues, including those that are being deleted. */
  public all(): Iterable<Queue> {
    return this.queues.values();
  }

  /** The names of the queues, sorted. */
  public names(): string[] {
    return [...this.queues.keys()].sort();
  }

  public named(name: string): Queue | undefined {
    return this.queues.get(name);
  }

  /** The queue with that name, if it can be used already and still. */
  public usable(name: string, now: number): Queue | undefined {
    const queue = this.queues.get(name);
    return queue !== undefined && now >= queue.createdAt + this.context.limits.creationTime ? queue : undefined;
  }

  /** The queue with that ARN, if it belongs to this account and Region. */
  public byArn(arn: string): Queue | undefined {
    const { account, region } = this;
    const parts = parseArn(arn);
    return parts?.account === account && parts.region === region ? this.queues.get(parts.resource) : undefined;
  }

  /** The names of the queues whose dead-letter queue this is, sorted. */
  public sourcesOf(arn: string): string[] {
    return this.names().filter((name) => this.queues.get(name)?.settings.redrive?.deadLetterTargetArn === arn);
  }

  /** @throws AwsError QueueDeletedRecently */
  public checkNotDeletedRecently(name: string): void {
    const { recreateAfter } = this.context.limits;
    if (this.now < (this.deletedAt.get(name) ?? -Infinity) + recreateAfter) {
      throw queueDeletedRecently(recreateAfter / SECOND);
    }
  }

  public open({ name, fifo, attributes, tags }: NewQueue): void {
    const arn = queueArn(this.region, this.account, name);
    const queue = fifo
      ? new FifoQueue(this.context, name, arn, attributes)
      : new StandardQueue(this.context, name, arn, attributes, false);
    for (const [key, value] of Object.entries(tags)) queue.tags.set(key, value);
    this.queues.set(name, queue);
    this.deletedAt.delete(name);
  }

  /** Deletes a queue, at once or after the time that a deletion takes. */
  public delete(queue: Queue): void {
    const { clock, limits } = this.context;
    this.rememberDeletion(queue.name);
    if (limits.deletionTime === 0) this.drop(queue.name);
    else clock.schedule(this.now + limits.deletionTime, () => this.drop(queue.name, queue), `${queue.name} is deleted`);
  }

  private get now(): number {
    return this.context.clock.now();
  }

  /** Removes a queue without keeping its name. */
  public drop(name: string, queue = this.queues.get(name)): void {
    if (queue === undefined || this.queues.get(name) !== queue) return;
    this.queues.delete(name);
    this.dropped(queue);
    this.context.timeline.record('sqs.queueDeleted', name);
    queue.close();
  }

  private rememberDeletion(name: string): void {
    const { deletedAt, now } = this;
    for (const [other, at] of deletedAt) {
      if (now < at + this.context.limits.recreateAfter) break; // the rest is more recent
      deletedAt.delete(other);
    }
    deletedAt.delete(name);
    deletedAt.set(name, now);
  }
}
