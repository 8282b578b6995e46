import {
  AwsError,
  type DeliveryAttempt,
  DeliveryDenied,
  type DeliveryLog,
  isPromise,
  NotDeliverable,
  type RequestContext,
} from '../core';
import type { Clock } from '../clock';
import type { Timeline } from '../timeline';

/** Where the outcome of a delivery is recorded. */
export interface DeliveryRecordDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly deliveries: DeliveryLog;
}

/**
 * Runs a delivery and records its outcome: in the log of deliveries and, if a policy refused it, in the timeline with
 * what the policy lacks. Throws what the delivery throws, or rejects with it.
 */
export function recorded(
  { clock, timeline, deliveries }: DeliveryRecordDependencies,
  target: string,
  { principal, sourceArn: source }: Pick<RequestContext, 'principal' | 'sourceArn'>,
  run: () => void | Promise<unknown>,
): void | Promise<void> {
  const record = (outcome: Pick<DeliveryAttempt, 'outcome' | 'error' | 'missing'>) => {
    if (deliveries.observed) deliveries.record({ at: clock.now(), principal, source, target, ...outcome });
  };
  const fail = (error: unknown): never => {
    if (!(error instanceof AwsError) || error instanceof NotDeliverable) throw error;
    const reason = `${error.shape}: ${error.message}`;
    if (!(error instanceof DeliveryDenied)) {
      record({ outcome: 'failed', error: reason });
      throw error;
    }
    const { missing } = error;
    record({ outcome: 'denied', error: reason, missing });
    const detail = { by: principal, for: source, error: error.shape, policy: missing.policyOf, advice: missing.advice };
    timeline.record('delivery.denied', target, detail, missing.statement);
    throw error;
  };
  let result: void | Promise<unknown>;
  try {
    result = run();
  } catch (error) {
    return fail(error);
  }
  if (isPromise(result)) {
    const settled = result.then(() => record({ outcome: 'delivered' }), fail);
    settled.catch(() => undefined); // not every service waits for what it has delivered
    return settled;
  }
  record({ outcome: 'delivered' });
}
