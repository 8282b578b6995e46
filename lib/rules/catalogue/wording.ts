import { isFifo, type QueueEnd } from '../template/queue-end';

/** The kind of a queue, as messages name it. */
export const kind = (end: QueueEnd): string => (isFifo(end) ? 'FIFO' : 'standard');

/** Whether two facts are known to differ. */
export function differ<Fact>(one: Fact | undefined, other: Fact | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
