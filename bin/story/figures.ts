import type { LogLine, TimelineEvent } from '../../lib/emulator';

/** How the story went, in figures: the line that `npm start -- --json` prints. */
export interface Figures {
  /** Videos that SQS acknowledged. */
  readonly sent: number;
  /** Videos that went all the way: encoded, and entered in the catalogue. */
  readonly processed: number;
  /** Times that a video reached the catalogue again: at-least-once delivery allows it. */
  readonly duplicates: number;
  /** Videos that are neither in the catalogue nor in the dead-letter queue. */
  readonly lost: number;
  readonly deadLettered: number;
  readonly peakInstances: number;
  readonly finalInstances: number;
  /** Emulated seconds from the start of the burst until the last video was catalogued or dead-lettered. */
  readonly drainSeconds: number;
}

/**
 * Keeps the books of the story from the outside: what the producer was told was accepted, what the catalogue's handler
 * logged, and what SQS moved to the dead-letter queue. It trusts no counter of a queue.
 */
export class StoryStatistics {
  private readonly videoOfMessage = new Map<string, number>();
  private readonly outstandingVideos = new Set<number>();
  private readonly timesCatalogued = new Map<number, number>();
  private readonly deadLettered = new Set<number>();
  private readonly inService = new Set<string>();
  private peak = 0;
  private burstAt = 0;
  private lastSettledAt = 0;

  public burstBegins(at: number): void {
    this.burstAt = at;
  }

  /** SQS acknowledged this video. */
  public sent(messageId: string, video: number): void {
    this.videoOfMessage.set(messageId, video);
    // A worker can be done before the producer has read its answer.
    if (!this.timesCatalogued.has(video)) this.outstandingVideos.add(video);
  }

  public logged({ text, at }: LogLine): void {
    const match = /^\{"catalogued":(\d+)/.exec(text);
    if (match === null) return;
    const video = Number(match[1]);
    this.timesCatalogued.set(video, (this.timesCatalogued.get(video) ?? 0) + 1);
    this.settled(video, at);
  }

  public happened({ kind, detail, at }: TimelineEvent): void {
    switch (kind) {
      case 'sqs.deadLettered': {
        const video = this.videoOfMessage.get(String(detail.message));
        if (video === undefined) return; // a result, which has an id of its own
        this.deadLettered.add(video);
        this.settled(video, at);
        return;
      }
      case 'autoscaling.inService':
        this.inService.add(String(detail.instance));
        this.peak = Math.max(this.peak, this.inService.size);
        return;
      case 'autoscaling.terminating':
      case 'autoscaling.terminated': // without warning: it has failed
        this.inService.delete(String(detail.instance));
    }
  }

  public get sentCount(): number {
    return this.videoOfMessage.size;
  }

  public get processedCount(): number {
    return this.timesCatalogued.size;
  }

  public get deadLetteredCount(): number {
    return this.deadLettered.size;
  }

  /** How many videos are still on their way, or lost. */
  public get outstandingCount(): number {
    return this.outstandingVideos.size;
  }

  public figures(finalInstances: number): Figures {
    let entries = 0;
    for (const times of this.timesCatalogued.values()) entries += times;
    return {
      sent: this.sentCount,
      processed: this.processedCount,
      duplicates: entries - this.processedCount,
      lost: this.outstandingCount,
      deadLettered: this.deadLetteredCount,
      peakInstances: this.peak,
      finalInstances,
      drainSeconds: Math.max(0, Math.round((this.lastSettledAt - this.burstAt) / 1_000)),
    };
  }

  private settled(video: number, at: number): void {
    this.outstandingVideos.delete(video);
    this.lastSettledAt = at;
  }
}
