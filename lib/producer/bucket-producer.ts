import {
  BucketNotificationDestinationType,
  type CfnBucket,
  EventType,
  type IBucket,
  type NotificationKeyFilter,
} from 'aws-cdk-lib/aws-s3';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack, Token } from 'aws-cdk-lib/core';
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
import { TEXTS } from '../rules/texts';
import { coverAgainst } from '../rules/coverage';
import { acrossStacks, admit, type DeliverySource } from './delivery';
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

function filterFault(filters: readonly NotificationKeyFilter[]): string | undefined {
  const given = (end: 'prefix' | 'suffix') => filters.map((filter) => filter[end]).filter((text) => text !== undefined);
  for (const end of ['prefix', 'suffix'] as const) {
    if (given(end).length > 1)
      return given(end)
        .map((text) => `the ${end} '${text}'`)
        .join(' and ');
  }
  return filters.some(({ prefix, suffix }) => (prefix ?? suffix) === undefined) ? 'a filter with neither' : undefined;
}

const RULES: readonly Rule<{
  readonly bucket: IBucket;
  readonly queue: IQueue;
  readonly events?: EventType[];
  readonly filters: readonly NotificationKeyFilter[];
}>[] = [
  {
    id: 'Spillway-Delivery-FifoUnsupported',
    broken: ({ queue }) => factsOf(queue).fifo === true,
    message: ({ queue }) =>
      `queue ${TEXTS['Spillway-Delivery-FifoUnsupported']({ queue: queue.node.path, service: 'S3', purpose: 'messages' })}`,
  },
  {
    id: 'Spillway-Delivery-OtherRegion',
    broken: ({ queue, bucket }) => differs(queue.env.region, bucket.env.region),
    message: ({ queue, bucket }) =>
      `queue ${TEXTS['Spillway-Delivery-OtherRegion']({ queue: queue.node.path, service: 'S3', purpose: 'messages', got: queue.env.region, wanted: bucket.env.region })}`,
  },
  {
    id: 'Spillway-BucketProducer-FiltersInvalid',
    broken: ({ filters }) => filterFault(filters) !== undefined,
    message: ({ filters }) =>
      `filters must have at most one prefix and one suffix, but had ${filterFault(filters)}; a notification of S3 has no more: add a BucketProducer for each`,
  },
  {
    id: 'Spillway-BucketProducer-NoEvents',
    broken: ({ events }) => events?.length === 0,
    message: () => 'events must have at least one event, but was empty; S3 would send nothing',
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
    enforce(target, { bucket, queue, events, filters }, RULES);
    enforce(target, { source: bucket, queue }, STACK_RULES);

    const policy = admit(target, this.source(), { queue, mayRefer: !acrossStacks(queue, bucket) });
    const destination = {
      bind: () => ({
        arn: queue.queueArn,
        type: BucketNotificationDestinationType.QUEUE,
        dependencies: policy === undefined ? [] : [policy], // S3 tries the permission
      }),
    };
    coverAgainst(bucket, 'Spillway-Delivery-NotificationsOverlap');
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

/** The ARN of a bucket has neither a Region nor an account: no two buckets have one name. */
function bucketArn(resource: IBucket, name: string | undefined): string | undefined {
  if (name === undefined || Token.isUnresolved(name)) return undefined;
  return Stack.of(resource).formatArn({ service: 's3', region: '', account: '', resource: name });
}
