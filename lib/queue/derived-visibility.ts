import { Duration, Lazy } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { type IQueueConsumer, type QueueConsumerConfig } from '../consumer/queue-consumer';
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
  ) {
    this.timeout = given ?? Duration.seconds(Lazy.number({ produce: () => this.derivedSeconds ?? DEFAULT_SECONDS }));
  }

  /** Takes what a consumer needs into account, or checks the given timeout against it. */
  public add(scope: IConstruct, consumer: IQueueConsumer, config: QueueConsumerConfig): void {
    const derived = Math.min(knownSeconds(config.visibilityTimeout) ?? 0, MAX_SECONDS);
    const facts = {
      consumer: consumer.constructor.name,
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
