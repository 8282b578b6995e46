import { Dispatch, type DispatchOutcome, firstLine, type MatchableLog, type Recording } from '../../../testing';
import type { TimelineEvent } from '../../../timeline';

const OUTCOMES: Readonly<Record<string, DispatchOutcome>> = {
  'sns.delivered': 'delivered',
  'sns.filtered': 'filtered',
  'sns.retrying': 'retrying',
  'sns.failed': 'failed',
  'sns.redriven': 'deadLettered',
  'sns.lost': 'failed',
};

/** Records an event of SNS that is about a topic. */
export function takeTopicEvent(event: TimelineEvent, topic: MatchableLog<Dispatch>, recording: Recording): void {
  const { at, kind, detail, body } = event;
  const id = String(detail.message);
  if (kind === 'sns.published') return topic.add(id, new Dispatch(id, body ?? '', at));
  const outcome = OUTCOMES[kind] as DispatchOutcome | undefined;
  if (outcome === undefined) return;
  const target = String(detail.endpoint);
  const error = outcome === 'delivered' ? undefined : String(detail.reason);
  topic.get(id)?.came({ target, outcome, at, ...(error !== undefined && { error }) });
  if (kind === 'sns.failed' || kind === 'sns.lost') {
    recording.note(event, `a message cannot be delivered: ${firstLine(String(error))}; to`, target.split(':').at(-1));
  }
}
