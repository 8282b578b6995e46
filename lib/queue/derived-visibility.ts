import { Duration, Lazy } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { type IQueueConsumer, type QueueConsumerConfig } from './queue-consumer';
import { enforce, knownSeconds } from '../rules';
import { VISIBILITY_RULES } from './queue-rules';

const DEFAULT_SECONDS = 30;
const MAX_SECONDS = 43_200;

/** A queue's visibility timeout: the given one, or the longest that one of its consumers needs. */
export class DerivedVisibility {
  /** Without a given one only known once all consumers have been added. */
  public readonly timeout: Duration;

  private derivedSeconds?: number;

  constructor(
    private readonly given: Duration | undefined,
    private readonly retention: Duration | undefined,
    /** Whether the queue takes what its consumers need: not one that was made elsewhere. */
    private readonly derives: boolean,
  ) {
    this.timeout = given ?? Duration.seconds(Lazy.number({ produce: () => this.derivedSeconds ?? DEFAULT_SECONDS }));
  }

  /** Takes what a consumer needs into account, or checks the given timeout against it. */
  public add(scope: IConstruct, consumer: IQueueConsumer, config: QueueConsumerConfig): void {
    const needed = knownSeconds(config.visibilityTimeout);
    const derived = Math.min(needed ?? 0, MAX_SECONDS);
    const facts = {
      consumer: consumer.constructor.name,
      underivable: this.derives && this.given === undefined && needed === undefined,
      given: knownSeconds(this.given),
      derived,
      minimum: knownSeconds(config.minimumVisibilityTimeout),
      retention: knownSeconds(this.retention),
      reason: config.reason,
    };
    enforce(scope, facts, VISIBILITY_RULES);
    this.derivedSeconds = Math.max(this.derivedSeconds ?? 0, derived);
  }
}
