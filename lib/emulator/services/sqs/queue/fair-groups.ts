import { TIRED_AFTER } from './ages';
import { Heap, type HeapItem } from './heap';
import type { SqsLimits } from '../limits';
import { QueuedMessage } from './message';
import { ProcessingTimes } from './processing-times';
import { Ring } from './ring';

/** A message with a group id in a standard queue. */
export class FairMessage extends QueuedMessage {
  public group?: FairGroup = undefined;
  /** The state in which its group counts it. */
  public tally: 'none' | 'delayed' | 'visible' | 'inFlight' = 'none';
}

/** The messages of one group: one tenant of the queue. */
class FairGroup implements HeapItem {
  public position = -1;
  /** The heap that contains it; absent if it has no visible messages. */
  public lane?: Heap<FairGroup> = undefined;
  public readonly returned = new Ring<FairMessage>();
  public readonly fresh = new Ring<FairMessage>();
  public inFlight = 0;
  public delayed = 0;
  public noisy = false;

  constructor(
    public readonly id: string,
    public readonly serial: number,
    /** The time since which none of its messages is in flight. */
    public idleSince: number,
  ) {}

  public get visible(): number {
    return this.returned.size + this.fresh.size;
  }
}

/** The part of a queue's messages that belongs to noisy groups. */
export interface NoisyShare {
  readonly groups: number;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

// Greater than any serial number.
const RANK = 2 ** 50;

/** Ranks visible messages: returned ones first, then new ones, then those that were received too often. */
export function rankOf(message: QueuedMessage): number {
  const { receivesHere } = message;
  const rank = receivesHere === 0 ? 1 : receivesHere < TIRED_AFTER ? 0 : 2;
  return rank * RANK + message.serial;
}

/**
 * The delivery order of a fair queue. Groups with more than their share are noisy: they are delivered only if quiet
 * groups have no visible messages, those with the fewest in-flight messages first. Quiet groups are delivered in the
 * order of their messages, as if there were no groups. Each group is one entry in one of two heaps, so no cost depends
 * on the number of messages.
 */
export class FairGroups {
  private readonly groups = new Map<string, FairGroup>();
  private readonly quiet = new Heap<FairGroup>();
  private readonly noisy = new Heap<FairGroup>();
  private readonly processing: ProcessingTimes;
  private serials = 0;

  constructor(private readonly limits: SqsLimits) {
    this.processing = new ProcessingTimes(limits.processingWindow);
  }

  /** The rank of the first message of the quiet groups; Infinity if there is none. */
  public get firstRank(): number {
    return this.quiet.earliest;
  }

  public takeQuiet(): FairMessage | undefined {
    return this.takeFrom(this.quiet.first());
  }

  public takeNoisy(): FairMessage | undefined {
    return this.takeFrom(this.noisy.first());
  }

  /** Marks those noisy groups as quiet that have had nothing in flight for long enough. */
  public calm(now: number): void {
    for (
      let group = this.noisy.first();
      group !== undefined && this.hasRested(group, now);
      group = this.noisy.first()
    ) {
      group.noisy = false;
      this.place(group);
    }
  }

  public delay(message: FairMessage, now: number): void {
    this.leave(message, now);
    message.tally = 'delayed';
    this.groupOf(message, now).delayed++;
  }

  public list(message: FairMessage, inFlight: number, now: number): void {
    this.leave(message, now);
    message.tally = 'visible';
    const group = this.groupOf(message, now);
    message.position = ringOf(group, message).push(message);
    this.judge(group, inFlight, now);
  }

  /** Returns a message that was taken, to the front of its group. */
  public putBack(message: FairMessage): void {
    const { group } = message;
    if (group === undefined) return;
    message.tally = 'visible';
    message.position = ringOf(group, message).unshift(message);
    this.place(group);
  }

  public unlist(message: FairMessage): void {
    const { group } = message;
    if (group === undefined) return;
    ringOf(group, message).remove(message.position);
    message.tally = 'none';
    this.place(group);
  }

  /** Records that a message is in flight, and how many the queue has in flight. */
  public hide(message: FairMessage, inFlight: number, now: number): void {
    this.leave(message, now);
    message.tally = 'inFlight';
    const group = this.groupOf(message, now);
    group.inFlight++;
    this.judge(group, inFlight, now);
  }

  /** Records that a message has left the queue. */
  public forget(message: FairMessage, now: number): void {
    this.leave(message, now);
    const { group } = message;
    message.group = undefined;
    if (group === undefined) return;
    if (group.visible + group.inFlight + group.delayed === 0) this.groups.delete(group.id);
    else this.place(group);
  }

  /** Records the processing time of a message. */
  public spent(message: QueuedMessage, time: number, now: number): void {
    this.processing.add(message.extras?.groupId, time, now);
  }

  public isNoisy(message: QueuedMessage): boolean {
    return message instanceof FairMessage && message.group?.noisy === true;
  }

  public noisyShare(now: number): NoisyShare {
    this.calm(now);
    const share = { groups: 0, visible: 0, inFlight: 0, delayed: 0 };
    for (const { visible, inFlight, delayed } of this.noisy.all()) {
      share.groups++;
      share.visible += visible;
      share.inFlight += inFlight;
      share.delayed += delayed;
    }
    return share;
  }

  private groupOf(message: FairMessage, now: number): FairGroup {
    if (message.group !== undefined) return message.group;
    const id = message.extras?.groupId ?? '';
    let group = this.groups.get(id);
    if (group === undefined) this.groups.set(id, (group = new FairGroup(id, this.serials++, now)));
    return (message.group = group);
  }

  private takeFrom(group: FairGroup | undefined): FairMessage | undefined {
    if (group === undefined) return undefined;
    const message = group.returned.shift() ?? group.fresh.shift();
    if (message !== undefined) message.tally = 'none';
    this.place(group);
    return message;
  }

  private leave(message: FairMessage, now: number): void {
    const { group, tally } = message;
    message.tally = 'none';
    if (group === undefined) return;
    if (tally === 'delayed') group.delayed--;
    if (tally === 'inFlight' && --group.inFlight === 0) group.idleSince = now;
  }

  private judge(group: FairGroup, inFlight: number, now: number): void {
    const { noisyInFlight, noisyShare } = this.limits;
    const tooMany = group.inFlight >= noisyInFlight && group.inFlight > noisyShare * inFlight;
    group.noisy ||= tooMany || this.processing.share(group.id, now) > noisyShare;
    this.place(group);
  }

  /** Updates the heap and rank of the group. A group without visible messages is quiet. */
  private place(group: FairGroup): void {
    const { lane: before } = group;
    if (group.visible === 0) {
      group.noisy = false;
      before?.remove(group);
      group.lane = undefined;
      return;
    }
    const lane = group.noisy ? this.noisy : this.quiet;
    const at = group.noisy ? noiseOf(group) : rankOf(firstOf(group));
    if (lane === before) {
      lane.move(group, at);
      return;
    }
    before?.remove(group);
    group.lane = lane;
    lane.add(group, at);
  }

  private hasRested(group: FairGroup, now: number): boolean {
    return group.inFlight === 0 && group.idleSince + this.limits.noisyRest <= now;
  }
}

function ringOf(group: FairGroup, { receivesHere }: FairMessage): Ring<FairMessage> {
  return receivesHere > 0 && receivesHere < TIRED_AFTER ? group.returned : group.fresh;
}

function firstOf(group: FairGroup): FairMessage {
  return (group.returned.first() ?? group.fresh.first()) as FairMessage; // only called for groups with visible messages
}

/** Groups without in-flight messages come first, the longest idle ones before others. */
function noiseOf({ inFlight, idleSince }: FairGroup): number {
  return inFlight === 0 ? idleSince - Number.MAX_SAFE_INTEGER : inFlight;
}
