import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import type { Clock, Random } from '../../../clock';
import { AwsError, type Deliver, type Delivery, formatArn, isPromise, type RequestContext } from '../../../core';
import type { Timeline } from '../../../timeline';
import type { Bucket } from '../buckets/bucket';
import type { NotifiedFunctions } from '../ports';
import { concerns, type Notification, notificationsOf, readConfiguration } from './configuration';
import type { ObjectEvent } from './object-event';
import { busEntryOf, type Cause, recordOf, testEvent } from './records';

const SUBJECT = 'Amazon S3 Notification';

/** What sends notifications. */
export interface NotificationDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly deliver: Deliver;
  readonly functions: () => NotifiedFunctions;
}

/** Sends notifications of what happens to objects to queues, topics, functions and the event bus. */
export class Notifications {
  constructor(private readonly dependencies: NotificationDependencies) {}

  /**
   * Sets a bucket's configuration, once its destinations have taken a test event.
   * @throws AwsError InvalidArgument
   */
  public async configure(
    bucket: Bucket,
    given: NotificationConfiguration,
    call: RequestContext,
    skipsDestinations: boolean,
  ): Promise<void> {
    const { configuration, notifications } = readConfiguration(given, this.dependencies.random);
    if (!skipsDestinations) await this.validate(bucket, notifications, call);
    bucket.notifications = configuration;
  }

  /** Sends what a bucket's configuration says of an event. A destination that refuses gets nothing, in silence. */
  public tell(bucket: Bucket, event: ObjectEvent, call: RequestContext): void {
    const { timeline, deliver } = this.dependencies;
    if (timeline.observed) timeline.record(`s3.${kindOf(event.name)}`, bucket.name, { key: event.key });
    const wanted = notificationsOf(bucket.notifications).filter((one) => concerns(one, event.name, event.key));
    const hasBus = bucket.notifications.EventBridgeConfiguration !== undefined;
    if (wanted.length === 0 && !hasBus) return;
    const cause = this.causeOf(call);
    for (const { arn, id } of wanted) {
      this.send(bucket, event, call, arn, { payload: recordOf(bucket, event, id, cause), subject: SUBJECT });
    }
    const entry = hasBus ? busEntryOf(bucket, event, cause) : undefined;
    if (entry === undefined) return;
    const bus = formatArn('events', bucket.region, bucket.account, 'event-bus/default');
    void settled(() => deliver(bus, { payload: entry.detail, source: entry }, callerOf(bucket, call)));
  }

  private send(bucket: Bucket, event: ObjectEvent, call: RequestContext, arn: string, delivery: Delivery): void {
    const { timeline, deliver } = this.dependencies;
    const detail = { key: event.key, event: event.name, target: arn };
    const done = (error: AwsError | undefined) => {
      if (!timeline.observed) return;
      if (error === undefined) timeline.record('s3.notified', bucket.name, detail);
      else timeline.record('s3.dropped', bucket.name, { ...detail, error: error.message });
    };
    void settled(() => deliver(arn, delivery, callerOf(bucket, call))).then(done);
  }

  private async validate(bucket: Bucket, notifications: readonly Notification[], call: RequestContext): Promise<void> {
    const { clock, deliver, functions } = this.dependencies;
    const cause = this.causeOf(call);
    const caller = callerOf(bucket, call);
    const failures: (readonly [string, string])[] = [];
    for (const { kind, arn } of notifications) {
      if (kind === 'CloudFunction') {
        const error = await settled(() => functions().check(arn, caller));
        if (error !== undefined) failures.push([`${arn}, null`, `Not authorized to invoke function [${arn}]`]);
      } else if (arn.endsWith('.fifo')) {
        failures.push([arn, `FIFO ${kind === 'Queue' ? 'SQS queues' : 'SNS topics'} are not supported`]);
      } else {
        const payload = testEvent(bucket, clock.now(), cause);
        const error = await settled(() => deliver(arn, { payload, subject: SUBJECT }, caller));
        if (error !== undefined) failures.push([arn, reasonOf(kind, error)]);
      }
    }
    if (failures.length === 0) return;
    const members = Object.fromEntries(
      failures.flatMap(([name, value], index) => [
        [`ArgumentName${index + 1}`, name],
        [`ArgumentValue${index + 1}`, value],
      ]),
    );
    const message = 'Unable to validate the following destination configurations';
    throw new AwsError('InvalidArgument', message, { members });
  }

  private causeOf(call: RequestContext): Cause {
    const { random } = this.dependencies;
    return {
      call,
      requestId: random.hex(16).toUpperCase(),
      hostId: Buffer.from(random.hex(96), 'hex').toString('base64'),
    };
  }
}

/** S3 itself, for the bucket. */
function callerOf(bucket: Bucket, { traceHeader }: RequestContext): RequestContext {
  return {
    account: bucket.account,
    region: bucket.region,
    principal: 's3.amazonaws.com',
    endpoint: '',
    sourceArn: bucket.arn,
    sourceAccount: bucket.account,
    ...(traceHeader !== undefined && { traceHeader }),
  };
}

/** Runs a delivery. Returns AWS's error with which it was refused, if it was. */
async function settled(run: () => unknown): Promise<AwsError | undefined> {
  try {
    const result = run();
    if (isPromise(result)) await result;
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

function reasonOf(kind: 'Queue' | 'Topic', error: AwsError): string {
  const name = kind.toLowerCase();
  const isMissing = /NonExistent|NotFound|DoesNotExist/i.test(error.shape);
  return isMissing
    ? `The destination ${name} does not exist`
    : `Permissions on the destination ${name} do not allow S3 to publish notifications from this bucket`;
}

/** What the timeline calls an event: `created`, `deleted`. */
function kindOf(name: string): string {
  if (name.startsWith('ObjectCreated')) return 'created';
  if (name.startsWith('ObjectTagging')) return 'tagged';
  return name.startsWith('Lifecycle') ? 'expired' : 'deleted';
}
