import { type RecordStart, Series } from '../../../testing';
import { type QueueMessage, type MessageStatus } from './queue-message';

/** Totals of a queue's messages. */
export interface QueueTotals {
  /** Messages sent to it. */
  sent: number;
  /** Messages moved to it as dead letters. */
  arrivedDead: number;
  /** Receives; a message that is received twice counts twice. */
  received: number;
  /** Receives whose message returned undeleted, after its visibility timeout or because the consumer returned it. */
  returned: number;
  deleted: number;
  /** Moved to the dead-letter queue. */
  deadLettered: number;
  /** Taken out by a message move task. */
  moved: number;
  expired: number;
  purged: number;
  queueDeleted: number;
}

type Watcher = (message: QueueMessage, status: MessageStatus) => void;

/** The recorded history of one queue. */
export class QueueRecord {
  public readonly totals: QueueTotals = {
    sent: 0,
    arrivedDead: 0,
    received: 0,
    returned: 0,
    deleted: 0,
    deadLettered: 0,
    moved: 0,
    expired: 0,
    purged: 0,
    queueDeleted: 0,
  };
  /** How many messages it holds, of any state. */
  public readonly depth: Series;
  public lastReceiveAt?: number;
  /** The messages in it, by id, in order of arrival. */
  public readonly present = new Map<string, QueueMessage>();
  /** Those that were lost. */
  public readonly lost: QueueMessage[] = [];
  /** Those that were received more than once. */
  public readonly redelivered: QueueMessage[] = [];
  /** Those that were moved to the dead-letter queue. */
  public readonly deadLettered: QueueMessage[] = [];
  /** How many messages that left were not kept. */
  public forgotten = 0;
  private readonly gone: QueueMessage[] = [];
  private readonly watchers = new Set<Watcher>();

  public readonly place: string;
  public readonly name: string;
  /** Whether to keep messages that were deleted normally. */
  private readonly keepsAll: boolean;

  constructor({ place, name, mode, startedAt }: RecordStart) {
    this.place = place;
    this.name = name;
    this.keepsAll = mode === 'full';
    this.depth = new Series(startedAt);
  }

  /** All messages that were ever in it, as far as they are kept: those that left come first. */
  public *messages(): Generator<QueueMessage> {
    yield* this.gone;
    yield* this.present.values();
  }

  /** Calls `watcher` with each message that reaches a new status. Returns a function that stops it. */
  public watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  public arrived(at: number, message: QueueMessage): void {
    this.present.set(message.id, message);
    this.depth.set(at, this.present.size);
    this.tell(message, 'sent');
  }

  public received(at: number, id: string): QueueMessage | undefined {
    const message = this.present.get(id);
    this.totals.received++;
    this.lastReceiveAt = at;
    if (message === undefined) return undefined;
    message.receives++;
    message.receivedAt = at;
    message.status = 'received';
    if (message.receives === 2) this.redelivered.push(message);
    this.tell(message, 'received');
    return message;
  }

  public left(
    at: number,
    id: string,
    status: 'deleted' | 'deadLettered' | 'moved' | 'expired' | 'purged' | 'queueDeleted',
    deadLetter?: QueueMessage,
  ): QueueMessage | undefined {
    const message = this.present.get(id);
    this.totals[status]++;
    if (message === undefined) return undefined;
    this.present.delete(id);
    message.status = status;
    message.endedAt = at;
    message.deadLetter = deadLetter;
    if (status === 'deadLettered') this.deadLettered.push(message);
    else if (message.lost) this.lost.push(message);
    if (this.keepsAll || status === 'deadLettered' || message.lost) this.gone.push(message);
    else this.forgotten++;
    this.depth.set(at, this.present.size);
    this.tell(message, status);
    return message;
  }

  private tell(message: QueueMessage, status: MessageStatus): void {
    for (const watcher of this.watchers) watcher(message, status);
  }
}
