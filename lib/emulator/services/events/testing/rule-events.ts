import { Dispatch, type DispatchOutcome, firstLine, type MatchableLog, type Recording } from '../../../testing';
import type { TimelineEvent } from '../../../timeline';

const OUTCOMES: Readonly<Record<string, DispatchOutcome>> = {
  'events.delivered': 'delivered',
  'events.retrying': 'retrying',
  'events.deadLettered': 'deadLettered',
  'events.dropped': 'failed',
};
const REPLAY = /,"replay-name":("[^"]*")\}$/;

/** Records an event of EventBridge that is about one event at one target of a rule. */
export function takeRuleEvent(event: TimelineEvent, rule: MatchableLog<Dispatch>, recording: Recording): void {
  const { at, kind, detail, body = '' } = event;
  const outcome = OUTCOMES[kind] as DispatchOutcome | undefined;
  if (outcome === undefined) return;
  const id = String(detail.id);
  // A replayed event has the id of the event that was archived.
  const key = `${id}${REPLAY.exec(body)?.[1] ?? ''}`;
  if (rule.get(key) === undefined && !(Number(detail.retries) > 0)) rule.add(key, new Dispatch(id, body, at));
  const target = String(detail.target);
  const { error, message } = detail;
  const reason = message === undefined ? String(error) : `${String(error)}: ${String(message)}`;
  rule.get(key)?.came({ target, outcome, at, ...(error !== undefined && { error: reason }) });
  if (outcome === 'failed' || outcome === 'deadLettered') {
    const lost = outcome === 'failed' ? 'is lost' : 'is dead-lettered';
    recording.note(event, `an event ${lost}: ${firstLine(reason)}; its target:`, target.split(/[:/]/).at(-1));
  }
}
