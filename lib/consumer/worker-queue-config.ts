import { Duration } from 'aws-cdk-lib/core';
import { type QueueConsumerConfig } from '../queue/queue-consumer';

/** A worker extends the visibility while it works, which may fail a few times before the message is lost to another. */
const VISIBILITY_FACTOR = 6;

/** What a consumer that polls with processes of its own needs of its queue. */
export function workerQueueConfig(processingTime: Duration): QueueConsumerConfig {
  return {
    visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * processingTime.toSeconds()),
    minimumVisibilityTimeout: processingTime,
    reason: `SQS hands a message that is still being processed (processingTime: ${processingTime.toHumanString()}) to a second worker`,
  };
}
