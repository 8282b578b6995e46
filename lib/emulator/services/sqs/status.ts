import { parseArn } from '../../core';
import type { Sqs } from './sqs';

/** One queue's messages. */
export interface QueueStatus {
  readonly name: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Whether another queue's redrive policy names it. */
  readonly deadLetterQueue: boolean;
}

/** The queues and their message counts. */
export function queueStatus(sqs: Sqs): QueueStatus[] {
  const names = sqs.queueNames();
  const redriven = new Set(names.map((name) => deadLetterQueueOf(sqs, name)));
  return names.flatMap((name) => {
    const counts = sqs.counts(name);
    return counts === undefined ? [] : [{ name, ...counts, deadLetterQueue: redriven.has(name) }];
  });
}

function deadLetterQueueOf(sqs: Sqs, name: string): string | undefined {
  const target = sqs.queueInfo(name)?.deadLetterTargetArn;
  return target === undefined ? undefined : parseArn(target)?.resource;
}
