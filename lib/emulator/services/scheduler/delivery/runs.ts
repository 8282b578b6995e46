import { type Clock, type Random, SECOND, surface, type Timer } from '../../../clock';
import {
  AwsError,
  type Deliver,
  type Delivery,
  isPromise,
  isRetryable,
  isThrottling,
  nextAttempt,
  parseArn,
  type RetriesExhausted,
  type RetryBackoff,
} from '../../../core';
import type { Timeline } from '../../../timeline';
import { LIMITS } from '../limits';
import type { SchedulerMetrics } from '../metrics';
import type { Schedule, ScheduleTarget } from '../schedules/schedule';
import { deadLetter } from './dead-letter';
import { type Attempt, defaultNotification, targetRequest, type TargetRequest } from './target-request';

/** The collaborators of {@link Runs}. */
export interface RunsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly metrics: SchedulerMetrics;
  readonly backoff: RetryBackoff;
  readonly deliver: Deliver;
}

/** A run of a schedule that has not ended. Later changes of the schedule do not affect it. */
interface OpenRun {
  readonly schedule: Schedule;
  readonly groupArn: string;
  readonly target: ScheduleTarget;
  readonly scheduledAt: number;
  readonly executionId: string;
  readonly notification: string;
  readonly ended: () => void;
  retries: number;
}

const SERVICE_PRINCIPAL = 'scheduler.amazonaws.com';

/** The runs of schedules: attempts, retries and dead letters. */
export class Runs {
  private readonly waiting = new Set<Timer>();

  constructor(private readonly dependencies: RunsDependencies) {}

  /**
   * Invokes a schedule's target.
   * @param ended called when the target was invoked, or will not be
   */
  public start(schedule: Schedule, groupArn: string, scheduledAt: number, ended: () => void): void {
    const { random, timeline } = this.dependencies;
    const { target } = schedule.settings;
    const executionId = random.hex(16);
    const run = { scheduleArn: schedule.arn, scheduledAt };
    const notification = defaultNotification(random.uuid(), run, this.dependencies);
    const open: OpenRun = { schedule, groupArn, target, scheduledAt, executionId, notification, ended, retries: 0 };
    if (timeline.observed) {
      const { payload } = targetRequest(target, attemptOf(open), notification).delivery;
      this.record('scheduler.fired', open, { due: scheduledAt }, payload);
    }
    this.attempt(open);
  }

  /** Drops the retries that are waiting. */
  public stop(): void {
    for (const timer of this.waiting) timer.cancel();
    this.waiting.clear();
  }

  private attempt(run: OpenRun): void {
    this.count(run, 'InvocationAttemptCount');
    const request = targetRequest(run.target, attemptOf(run), run.notification);
    this.send(
      run,
      run.target.Arn,
      request.delivery,
      () => {
        this.record('scheduler.delivered', run, { retries: run.retries });
        run.ended();
      },
      (error) => this.fail(run, request, error),
    );
  }

  /** Delivers with the schedule's role: also to the dead-letter queue, whose policy need not name Scheduler. */
  private send(
    { schedule, groupArn, target }: OpenRun,
    arn: string,
    delivery: Delivery,
    succeed: () => void,
    fail: (error: AwsError) => void,
  ): void {
    const { account, region, clock, deliver } = this.dependencies;
    const service = { account, region, endpoint: '', principal: SERVICE_PRINCIPAL };
    const caller = { ...service, sourceArn: schedule.arn, sourceAccount: account };
    // AWS assumes the role for the group: of a new schedule, nobody knows the ARN.
    const role = { roleArn: target.RoleArn, sessionName: schedule.name, sourceArn: groupArn };
    let result: unknown;
    try {
      result = deliver(inRegion(arn, region), delivery, caller, role);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      fail(error);
      return;
    }
    if (!isPromise(result)) {
      succeed();
      return;
    }
    result
      .then(succeed, (error: unknown) => {
        if (!(error instanceof AwsError)) throw error;
        fail(error);
      })
      .catch((error: unknown) => surface(clock, error));
  }

  private fail(run: OpenRun, request: TargetRequest, error: AwsError): void {
    const { clock, random, backoff } = this.dependencies;
    this.count(run, isThrottling(error) ? 'TargetErrorThrottledCount' : 'TargetErrorCount');
    if (!isRetryable(error)) {
      this.giveUp(run, request, error);
      return;
    }
    const { MaximumRetryAttempts = LIMITS.retryAttempts, MaximumEventAgeInSeconds = LIMITS.eventAge } =
      run.target.RetryPolicy ?? {};
    const policy = { maximumAttempts: MaximumRetryAttempts, maximumAge: MaximumEventAgeInSeconds * SECOND };
    const next = nextAttempt(policy, run.retries, run.scheduledAt, clock.now(), backoff, random);
    if ('exhausted' in next) {
      this.giveUp(run, request, error, next.exhausted);
      return;
    }
    this.record('scheduler.retrying', run, { error: error.queryCode, message: error.queryMessage, at: next.at });
    const retry = () => {
      this.waiting.delete(timer);
      run.retries++;
      this.attempt(run);
    };
    const timer = clock.schedule(next.at, retry, 'a schedule retries a delivery');
    this.waiting.add(timer);
  }

  private giveUp(run: OpenRun, request: TargetRequest, error: AwsError, exhausted?: RetriesExhausted): void {
    const queue = run.target.DeadLetterConfig?.Arn;
    const detail = { error: error.queryCode, message: error.queryMessage, retries: run.retries };
    const drop = (reason: { readonly deadLetterError?: string } = {}) => {
      this.count(run, 'InvocationDroppedCount');
      this.record('scheduler.dropped', run, { ...detail, ...reason });
      run.ended();
    };
    if (queue === undefined) {
      drop();
      return;
    }
    const { delivery, truncated } = deadLetter({ attempt: attemptOf(run), request, error, exhausted });
    this.send(
      run,
      queue,
      delivery,
      () => {
        this.count(run, 'InvocationsSentToDeadLetterCount');
        if (truncated) this.count(run, 'InvocationsSentToDeadLetterCount', 'Truncated_MessageSizeExceeded');
        this.record('scheduler.deadLettered', run, { ...detail, queue });
        run.ended();
      },
      (refusal) => {
        this.count(run, 'InvocationsFailedToBeSentToDeadLetterCount');
        this.count(run, 'InvocationsFailedToBeSentToDeadLetterCount', refusal.queryCode);
        drop({ deadLetterError: refusal.queryMessage });
      },
    );
  }

  private count({ schedule }: OpenRun, metric: Parameters<SchedulerMetrics['count']>[1], suffix?: string): void {
    this.dependencies.metrics.count(schedule.groupName, metric, suffix);
  }

  private record(
    kind: string,
    { schedule, target, executionId }: OpenRun,
    detail: Readonly<Record<string, string | number | undefined>>,
    body?: string,
  ): void {
    const { timeline } = this.dependencies;
    if (!timeline.observed) return;
    const { groupName: group, name } = schedule;
    const shown = { group, target: target.Arn, execution: executionId, ...detail };
    timeline.record(kind, name, shown, body);
  }
}

/** Scheduler calls APIs in its own Region: there it looks for a resource of another one, by the same name. */
function inRegion(arn: string, region: string): string {
  const { partition, service, account, resource, region: given } = parseArn(arn) ?? {};
  return given === undefined || given === '' ? arn : `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

function attemptOf({ schedule, scheduledAt, executionId, retries }: OpenRun): Attempt {
  return { scheduleArn: schedule.arn, scheduledAt, executionId, attempt: retries + 1 };
}
