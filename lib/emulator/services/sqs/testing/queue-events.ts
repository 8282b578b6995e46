import type { Recording } from '../../../testing';
import type { TimelineEvent } from '../../../timeline';
import { QueueMessage } from './queue-message';
import type { QueueRecord } from './queue-record';

/**
 * Records an event of SQS.
 * @param recordOf returns a queue's record, by its name
 */
export function takeQueueEvent(
  event: TimelineEvent,
  recordOf: (name: string) => QueueRecord,
  recording: Recording,
): QueueMessage | undefined {
  const { at, kind, subject, detail, body } = event;
  const queue = recordOf(subject);
  const id = String(detail.message);
  switch (kind) {
    case 'sqs.sent': {
      const message = new QueueMessage(id, body ?? '', at);
      queue.totals.sent++;
      queue.arrived(at, message);
      return message;
    }
    case 'sqs.received':
      return queue.received(at, id);
    case 'sqs.released':
      queue.totals.returned++;
      return queue.present.get(id);
    case 'sqs.deleted':
      return queue.left(at, id, 'deleted');
    case 'sqs.moved':
      return queue.left(at, id, 'moved');
    case 'sqs.expired':
      recording.note(event, 'a message expires, and is lost');
      return queue.left(at, id, 'expired');
    case 'sqs.deadLettered': {
      const to = String(detail.to);
      moveDeadLetter(at, id, queue, recordOf(to));
      recording.note(event, 'a message goes to', to);
      return undefined; // the event adds something to the message
    }
    case 'sqs.purged':
      for (const present of [...queue.present.keys()]) queue.left(at, present, 'purged');
      return undefined;
    case 'sqs.queueDeleted':
      for (const present of [...queue.present.keys()]) queue.left(at, present, 'queueDeleted');
  }
  return undefined;
}

function moveDeadLetter(at: number, id: string, source: QueueRecord, target: QueueRecord): void {
  const deadLetter = new QueueMessage(id, source.present.get(id)?.text ?? '', at);
  target.totals.arrivedDead++;
  source.left(at, id, 'deadLettered', deadLetter);
  target.arrived(at, deadLetter);
}
