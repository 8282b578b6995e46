import { type Clock, type Random, SECOND, surface, type Timer } from '../../../clock';
import {
  assumedRole,
  AwsError,
  type Deliver,
  type Delivery,
  isPromise,
  nextAttempt,
  type RequestContext,
  type RetriesExhausted,
  type RetryBackoff,
  stringAttributes,
} from '../../../core';
import type { Timeline } from '../../../timeline';
import type { BusEvent } from '../bus-event';
import { LIMITS } from '../limits';
import type { EventMetrics } from '../metrics';
import type { Rule, RuleTarget } from '../rules/rule';
import { type Failure, failure, failureOf } from './failure';

/** The collaborators of {@link Invocations}. */
export interface InvocationsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly metrics: EventMetrics;
  readonly backoff: RetryBackoff;
  /** Hands something to a resource. Throws AWS's error, or rejects with it. */
  readonly deliver: Deliver;
  /**
   * Puts an event on another bus. Returns why that is impossible, if it is.
   * @throws AwsError if that bus refuses it
   */
  readonly forward: (busArn: string, event: BusEvent, rule: Rule, caller: RequestContext) => Failure | undefined;
}

/** One event on its way to one target of a rule. */
interface Invocation {
  readonly rule: Rule;
  readonly target: RuleTarget;
  readonly event: BusEvent;
  retries: number;
}

/** Sends events to the targets of rules: attempts, retries and dead letters. */
export class Invocations {
  private readonly waiting = new Set<Timer>();

  constructor(private readonly dependencies: InvocationsDependencies) {}

  /** Sends an event to all targets of a rule. */
  public start(rule: Rule, event: BusEvent): void {
    const { metrics } = this.dependencies;
    metrics.count(rule.busName, rule.name, 'TriggeredRules');
    // A rule that has sent this event already is in a loop.
    if (event.passed.rules.includes(rule.arn)) {
      metrics.count(rule.busName, rule.name, 'DeadLetterInvocations');
      this.record('events.loop', { rule, event });
      return;
    }
    for (const target of rule.targets.values()) {
      metrics.countInAccount('InvocationsCreated');
      this.attempt({ rule, target, event, retries: 0 });
    }
  }

  /** Drops the retries that are waiting. */
  public stop(): void {
    for (const timer of this.waiting) timer.cancel();
    this.waiting.clear();
  }

  private attempt(invocation: Invocation): void {
    this.count(invocation, 'InvocationAttempts');
    if (invocation.retries > 0) this.count(invocation, 'RetryInvocationAttempts');
    else this.latency(invocation, 'IngestionToInvocationStartLatency');
    try {
      const result = this.send(invocation);
      if (isPromise(result)) {
        this.follow(
          result,
          () => this.succeed(invocation),
          (error) => this.fail(invocation, failureOf(error)),
        );
      } else if (result === undefined) this.succeed(invocation);
      else this.fail(invocation, result);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.fail(invocation, failureOf(error));
    }
  }

  /** Goes on when a delivery that takes time has ended. */
  private follow(delivery: Promise<unknown>, succeed: () => void, fail: (error: AwsError) => void): void {
    delivery.then(succeed).catch((error: unknown) => {
      if (error instanceof AwsError) fail(error);
      else surface(this.dependencies.clock, error);
    });
  }

  /** Returns why nothing was sent, if so. */
  private send({ rule, target, event }: Invocation): Failure | undefined | Promise<unknown> {
    const { settings, messageGroupId, partitionKey } = target;
    const caller = this.callerFor(rule, target, event);
    if (isBus(settings.Arn)) return this.dependencies.forward(settings.Arn, event, rule, caller);
    const payload = target.input(event, rule);
    if (payload === undefined) return failure('INVALID_JSON', 'The input of the target is not valid.');
    const groupId = messageGroupId?.(event);
    if (messageGroupId !== undefined && groupId === undefined) {
      return failure('INVALID_PARAMETER', 'The path of the message group id finds nothing in the event.');
    }
    const delivery: Delivery = {
      payload,
      ...(groupId !== undefined && { messageGroupId: groupId }),
      partitionKey: partitionKey?.(event) ?? event.fields.id,
    };
    const result = this.dependencies.deliver(settings.Arn, delivery, caller);
    return isPromise(result) ? result : undefined;
  }

  private succeed(invocation: Invocation): void {
    const { target, retries } = invocation;
    this.count(invocation, 'Invocations');
    this.count(invocation, 'SuccessfulInvocationAttempts');
    this.latency(invocation, 'IngestionToInvocationSuccessLatency');
    this.latency(invocation, 'IngestionToInvocationCompleteLatency');
    this.record('events.delivered', invocation, { target: target.settings.Arn, retries });
  }

  private fail(invocation: Invocation, cause: Failure): void {
    const { clock, random, backoff } = this.dependencies;
    const { target, event, retries } = invocation;
    const { MaximumRetryAttempts = LIMITS.retryAttempts, MaximumEventAgeInSeconds = LIMITS.mostEventAge } =
      target.settings.RetryPolicy ?? {};
    if (!cause.isRetryable) {
      this.giveUp(invocation, cause);
      return;
    }
    const policy = { maximumAttempts: MaximumRetryAttempts, maximumAge: MaximumEventAgeInSeconds * SECOND };
    const next = nextAttempt(policy, retries, event.ingestedAt, clock.now(), backoff, random);
    if ('exhausted' in next) {
      this.giveUp(invocation, cause, next.exhausted);
      return;
    }
    this.record('events.retrying', invocation, { target: target.settings.Arn, error: cause.code, at: next.at });
    const timer = clock.schedule(
      next.at,
      () => {
        this.waiting.delete(timer);
        invocation.retries++;
        this.attempt(invocation);
      },
      'a rule retries a delivery',
    );
    this.waiting.add(timer);
  }

  private giveUp(invocation: Invocation, { code, message }: Failure, exhausted?: RetriesExhausted): void {
    const { rule, target, event, retries } = invocation;
    const { Arn, DeadLetterConfig } = target.settings;
    this.count(invocation, 'Invocations');
    this.count(invocation, 'FailedInvocations');
    this.latency(invocation, 'IngestionToInvocationCompleteLatency');
    const detail = { target: Arn, error: code, message, retries };
    if (DeadLetterConfig?.Arn === undefined) {
      this.record('events.dropped', invocation, detail);
      return;
    }
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: Arn,
      ERROR_CODE: code,
      ERROR_MESSAGE: message,
      RETRY_ATTEMPTS: String(retries),
      ...(exhausted !== undefined && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    const delivery = { payload: event.text, attributes: stringAttributes(attributes) };
    const lost = (error: AwsError) => {
      this.count(invocation, 'InvocationsFailedToBeSentToDlq');
      this.record('events.dropped', invocation, { ...detail, deadLetterError: error.message });
    };
    const kept = () => {
      this.count(invocation, 'InvocationsSentToDlq');
      this.record('events.deadLettered', invocation, { ...detail, queue: DeadLetterConfig.Arn });
    };
    try {
      // The queue's policy admits EventBridge for this rule, whatever role the target has.
      const sent = this.dependencies.deliver(DeadLetterConfig.Arn, delivery, this.serviceCaller(rule, event));
      if (isPromise(sent)) this.follow(sent, kept, lost);
      else kept();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      lost(error);
    }
  }

  private callerFor(rule: Rule, { settings: { RoleArn } }: RuleTarget, event: BusEvent): RequestContext {
    const caller = this.serviceCaller(rule, event);
    if (RoleArn === undefined) return caller;
    const { sourceArn: _sourceArn, sourceAccount: _sourceAccount, ...rest } = caller;
    return { ...rest, principal: assumedRole(rule.account, RoleArn, rule.name) };
  }

  private serviceCaller(rule: Rule, { traceHeader }: BusEvent): RequestContext {
    const { account, region } = this.dependencies;
    return {
      account,
      region,
      endpoint: '',
      principal: SERVICE_PRINCIPAL,
      sourceArn: rule.arn,
      sourceAccount: rule.account,
      ...(traceHeader !== undefined && { traceHeader }),
    };
  }

  private count({ rule }: Invocation, metric: Parameters<EventMetrics['count']>[2]): void {
    this.dependencies.metrics.count(rule.busName, rule.name, metric);
  }

  private latency({ rule, event }: Invocation, metric: Parameters<EventMetrics['latency']>[2]): void {
    const { metrics, clock } = this.dependencies;
    metrics.latency(rule.busName, rule.name, metric, clock.now() - event.ingestedAt);
  }

  private record(
    kind: string,
    { rule, event }: Pick<Invocation, 'rule' | 'event'>,
    detail: Readonly<Record<string, string | number | undefined>> = {},
  ): void {
    const { timeline } = this.dependencies;
    if (timeline.observed) {
      timeline.record(kind, rule.name, { bus: rule.busName, id: event.fields.id, ...detail }, event.text);
    }
  }
}

const SERVICE_PRINCIPAL = 'events.amazonaws.com';

function isBus(arn: string): boolean {
  return /^arn:[^:]+:events:[^:]*:[^:]*:event-bus\//.test(arn);
}
