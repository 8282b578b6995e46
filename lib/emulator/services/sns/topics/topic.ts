import { formatArn, Throttle } from '../../../core';
import type { ResourcePolicy } from '../../../core/policy';
import type { Subscription } from '../subscriptions/subscription';
import { TopicMetrics } from '../metrics';
import { Deduplication } from './deduplication';

/** What a topic is, from its creation on. */
export interface TopicIdentity {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly fifo: boolean;
}

/** A topic: its attributes, its subscriptions and, if it is FIFO, what orders its messages. */
export class Topic {
  public readonly name: string;
  public readonly arn: string;
  public readonly account: string;
  public readonly region: string;
  public readonly fifo: boolean;
  public readonly tags = new Map<string, string>();
  /** By id. Pending subscriptions too. */
  public readonly subscriptions = new Map<string, Subscription>();
  public readonly metrics = new TopicMetrics();
  public readonly deduplication = new Deduplication();
  public readonly throttle = new Throttle();
  /** The attributes that were set, as text. */
  public readonly attributes = new Map<string, string>();
  /** The compiled attribute Policy. */
  public policy?: ResourcePolicy;
  public dataProtectionPolicy?: string;
  public deletedSubscriptions = 0;
  private sequence = 0n;

  constructor({ name, account, region, fifo }: TopicIdentity) {
    this.name = name;
    this.account = account;
    this.region = region;
    this.fifo = fifo;
    this.arn = formatArn('sns', region, account, name);
  }

  public get contentBasedDeduplication(): boolean {
    return this.attributes.get('ContentBasedDeduplication') === 'true';
  }

  /** Whether deduplication and throughput are those of each message group, rather than of the topic. */
  public get scopedToGroups(): boolean {
    return this.attributes.get('FifoThroughputScope') === 'MessageGroup';
  }

  /** `1` or `2`. */
  public get signatureVersion(): string {
    return this.attributes.get('SignatureVersion') ?? '1';
  }

  public get keyId(): string | undefined {
    const keyId = this.attributes.get('KmsMasterKeyId');
    return keyId === '' ? undefined : keyId;
  }

  public get confirmed(): Subscription[] {
    return [...this.subscriptions.values()].filter(({ pending }) => !pending);
  }

  /** The number of a message in a FIFO topic: 20 digits, greater than all before. */
  public nextSequenceNumber(): string {
    return String(10_000_000_000_000_000_000n + this.sequence++);
  }
}
