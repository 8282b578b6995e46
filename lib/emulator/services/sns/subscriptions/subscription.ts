import type { Arn } from '../../../core';
import type { FilterPolicy } from '../filters/filter-policy';
import type { HttpPolicy } from '../delivery/delivery-policy';
import type { PendingMessages } from '../delivery/pending-messages';
import type { Protocol } from './protocols';

/** What a subscription is, from its creation on. */
export interface SubscriptionIdentity {
  readonly id: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** The account that subscribed. */
  readonly owner: string;
  /** The ARN of who subscribed. */
  readonly principal: string;
}

/** The compiled settings of a subscription. */
export interface SubscriptionSettings {
  readonly raw: boolean;
  readonly filter?: FilterPolicy;
  /** The ARN of the queue that receives what cannot be delivered. */
  readonly deadLetterTargetArn?: string;
  readonly http?: HttpPolicy;
}

/** A subscription of a topic. */
export class Subscription {
  public readonly arn: string;
  /** Set until the endpoint's owner has confirmed. */
  public token?: string;
  public pending = false;
  /** Whether the owner must sign the request that ends it. */
  public authenticateOnUnsubscribe = false;
  public authenticated = true;
  /** The attributes that were set, as text. */
  public attributes: ReadonlyMap<string, string> = new Map();
  public settings: SubscriptionSettings = { raw: false };
  /** The endpoint's ARN; undefined for protocols whose endpoints have none. */
  public readonly target?: Arn;
  /** Of a FIFO topic: the messages that wait for an earlier one of their group to be delivered. */
  public readonly waiting: Map<string, PendingMessages> = new Map();
  /** Whether it was deleted: its retries end. */
  public ended = false;

  constructor(
    public readonly identity: SubscriptionIdentity,
    target: Arn | undefined,
  ) {
    this.arn = `${identity.topicArn}:${identity.id}`;
    if (target !== undefined) this.target = target;
  }
}
