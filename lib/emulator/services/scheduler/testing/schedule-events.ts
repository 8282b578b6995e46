import { Dispatch, type DispatchOutcome, firstLine, type MatchableLog, type Recording } from '../../../testing';
import type { TimelineEvent } from '../../../timeline';

const OUTCOMES: Readonly<Record<string, DispatchOutcome>> = {
  'scheduler.delivered': 'delivered',
  'scheduler.retrying': 'retrying',
  'scheduler.deadLettered': 'deadLettered',
  'scheduler.dropped': 'failed',
};

/** Records an event of a schedule: a run, or what became of it. */
export function takeScheduleEvent(event: TimelineEvent, schedule: MatchableLog<Dispatch>, recording: Recording): void {
  const { at, kind, detail, body = '' } = event;
  const id = String(detail.execution);
  if (kind === 'scheduler.fired') return schedule.add(id, new Dispatch(id, body, at));
  const outcome = OUTCOMES[kind] as DispatchOutcome | undefined;
  if (outcome === undefined) return;
  const target = String(detail.target);
  const error = detail.error === undefined ? undefined : `${String(detail.error)}: ${String(detail.message)}`;
  schedule.get(id)?.came({ target, outcome, at, ...(error !== undefined && { error }) });
  if (outcome === 'failed' || outcome === 'deadLettered') {
    const lost = outcome === 'failed' ? 'is lost' : 'is dead-lettered';
    recording.note(event, `a run ${lost}: ${firstLine(String(error))}; its target:`, target.split(/[:/]/).at(-1));
  }
}
