import { type RecordStart, resourceKind, type ServiceTesting } from '../../../testing';
import type { Sqs } from '../sqs';
import { LocalQueue } from './local-queue';
import { matchers } from './matchers';
import { QueueRecord } from './queue-record';
import { takeQueueEvent } from './queue-events';

const kinds = {
  /**
   * Returns a queue.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  queue: resourceKind({
    name: 'queue',
    types: ['AWS::SQS::Queue'],
    held: ['queue'],
    importedBy: 'queueArn',
    exists: (service: Sqs, name) => service.counts(name) !== undefined,
    handle: LocalQueue,
    record: (start: RecordStart) => new QueueRecord(start),
    peak: { of: 'messages', from: ({ peak }) => peak },
  }),
};

/** What tests get of SQS. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = {
  kinds,
  matchers,
  take: (event, recording) => takeQueueEvent(event, (name) => recording.of(kinds.queue, event.place, name), recording),
};
