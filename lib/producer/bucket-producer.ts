import {
  BucketNotificationDestinationType,
  type CfnBucket,
  EventType,
  type IBucket,
  type NotificationKeyFilter,
} from 'aws-cdk-lib/aws-s3';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Token } from 'aws-cdk-lib/core';
import { DeliveringService } from '../queue/delivering-service';
import { type MessageQueue } from '../queue/message-queue';
import { factsOf } from '../queue/queue-facts';
import { differs } from '../queue/queue-rules';
import {
  checkProps,
  checkValue,
  enforce,
  like,
  list,
  oneOf,
  required,
  type Rule,
  type Shape,
  struct,
  TEXT,
} from '../rules';
import { acrossStacks, admit, type DeliverySource, knownArn } from './delivery';
import { STACK_RULES } from './stack-rules';
import { type IQueueProducer } from '../queue/queue-producer';

/** Properties of a BucketProducer. */
export interface BucketProducerProps {
  /**
   * What S3 tells of.
   *
   * @default [EventType.OBJECT_CREATED]
   */
  readonly events?: EventType[];

  /**
   * Which objects it tells of, by prefix and suffix of their keys. Filters of one bucket for the same events must not
   * overlap: S3 refuses them.
   *
   * @default - all objects
   */
  readonly filters?: NotificationKeyFilter[];
}

const FILTER: Shape<NotificationKeyFilter> = { prefix: TEXT, suffix: TEXT };
const PROPS: Shape<BucketProducerProps> = {
  events: list(oneOf('EventType', EventType)),
  filters: list(struct(FILTER, 'an object with prefix, suffix or both')),
};

const RULES: readonly Rule<{
  readonly bucket: IBucket;
  readonly queue: IQueue;
  readonly events?: EventType[];
  readonly overlap?: Notification;
}>[] = [
  {
    id: 'Spillway-Delivery-FifoUnsupported',
    broken: ({ queue }) => factsOf(queue).fifo === true,
    message: ({ queue, bucket }) =>
      `queue: got the FIFO queue ${queue.node.path} for the bucket ${bucket.node.path}, allowed is a standard queue; S3 refuses FIFO queues. EventBridge can be between the two`,
  },
  {
    id: 'Spillway-Delivery-OtherRegion',
    broken: ({ queue, bucket }) => differs(queue.env.region, bucket.env.region),
    message: ({ queue, bucket }) =>
      `queue: got one of ${queue.env.region}, allowed is one of the bucket's Region (${bucket.env.region}); S3 refuses others`,
  },
  {
    id: 'Spillway-BucketProducer-FiltersOverlap',
    broken: ({ overlap }) => overlap !== undefined,
    message: ({ bucket, overlap }) =>
      `events, filters: got what ${bucket.node.path} sends to ${overlap?.queue.node.path} already (${overlap?.events.join(', ')} with filters ${JSON.stringify(overlap?.filters)}), allowed are events or filters that don't overlap; S3 refuses the bucket's notifications otherwise. To send to several queues, put a TopicFanOut between`,
  },
  {
    id: 'Spillway-BucketProducer-NoEvents',
    broken: ({ events }) => events?.length === 0,
    message: () => 'events: got none, allowed are one or more; S3 would tell of nothing',
  },
];

/**
 * An S3 bucket tells a queue of what happens to its objects. The queue's policy admits this bucket of its account only:
 * names of buckets can be taken over by others.
 *
 * S3 keeps nothing that it can't deliver: there is no dead-letter queue for notifications.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
 * @example
 * jobs.addProducer(new BucketProducer(uploads, { filters: [{ prefix: 'videos/' }] }));
 */
export class BucketProducer implements IQueueProducer {
  /**
   * @param bucket the bucket, of this app or imported
   * @param props what it tells of
   */
  constructor(
    private readonly bucket: IBucket,
    private readonly props: BucketProducerProps = {},
  ) {}

  /** Adds the notification to the bucket, in the bucket's stack, which so depends on the queue's. */
  public bind(target: MessageQueue): void {
    const { bucket } = this;
    const { queue } = target;
    checkValue(target, 'bucket', bucket, required(like('a bucket (IBucket)', 'bucketArn', 'addEventNotification')));
    checkProps(target, 'BucketProducer', this.props, PROPS);
    const { events = [EventType.OBJECT_CREATED], filters = [] } = this.props;
    enforce(target, { bucket, queue, events, overlap: noteNotification(bucket, { queue, events, filters }) }, RULES);
    enforce(target, { source: bucket, queue }, STACK_RULES);

    const policy = admit(target, this.source(), { queue, mayRefer: !acrossStacks(queue, bucket) });
    const destination = {
      bind: () => ({
        arn: queue.queueArn,
        type: BucketNotificationDestinationType.QUEUE,
        dependencies: policy === undefined ? [] : [policy], // S3 tries the permission
      }),
    };
    for (const event of events) bucket.addEventNotification(event, destination, ...filters);
  }

  private source(): DeliverySource {
    const { bucket: resource } = this;
    const { bucketName } = (resource.node.defaultChild as Partial<CfnBucket> | undefined) ?? {};
    return {
      resource,
      service: DeliveringService.S3,
      arn: resource.bucketArn,
      knownArn: Token.isUnresolved(resource.bucketName) ? bucketArn(resource, bucketName) : resource.bucketArn,
    };
  }
}

function bucketArn(resource: IBucket, name: string | undefined): string | undefined {
  return knownArn({ resource, service: 's3' }, name, '');
}

/** What a bucket tells a queue of. */
interface Notification {
  readonly queue: IQueue;
  readonly events: readonly EventType[];
  readonly filters: readonly NotificationKeyFilter[];
}

const notifications = new WeakMap<IBucket, Notification[]>();

/** Keeps what a bucket tells of, and returns an earlier notification that it overlaps with. */
function noteNotification(bucket: IBucket, added: Notification): Notification | undefined {
  const known = notifications.get(bucket) ?? [];
  notifications.set(bucket, [...known, added]);
  return known.find(
    (one) =>
      one.events.some((event) => added.events.some((other) => includes(event, other) || includes(other, event))) &&
      overlaps(one.filters, added.filters, 'prefix', (text, start) => text.startsWith(start)) &&
      overlaps(one.filters, added.filters, 'suffix', (text, end) => text.endsWith(end)),
  );
}

/** `s3:ObjectCreated:*` includes `s3:ObjectCreated:Put`. */
function includes(event: EventType, other: EventType): boolean {
  return event === other || (event.endsWith('*') && other.startsWith(event.slice(0, -1)));
}

function overlaps(
  one: readonly NotificationKeyFilter[],
  other: readonly NotificationKeyFilter[],
  end: 'prefix' | 'suffix',
  fits: (text: string, part: string) => boolean,
): boolean {
  const [a = '', b = ''] = [one, other].map((filters) => filters.find((filter) => filter[end] !== undefined)?.[end]);
  return fits(a, b) || fits(b, a);
}
