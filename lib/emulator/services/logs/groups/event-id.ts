import type { Position } from './log-stream';

// AWS's event ids are numbers of 56 digits that grow with time. Ours say the place of the event among all others.
const TIMESTAMP_DIGITS = 15;
const SEQUENCE_DIGITS = 40;

/** The id of an event: 56 digits, in the order of the events. */
export function eventId({ timestamp, sequence }: Position): string {
  return `3${String(timestamp).padStart(TIMESTAMP_DIGITS, '0')}${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;
}

/** The position that an id says; undefined if it is not an id of ours. */
export function positionOf(id: string): Position | undefined {
  const parts = /^3(\d{15})(\d{40})$/.exec(id);
  return parts === null ? undefined : { timestamp: Number(parts[1]), sequence: Number(parts[2]) };
}
