import type { TimelineEvent } from '../timeline';
import type { AnyResourceKind } from './resource-kind';

/**
 * How much is recorded. `full`: every event and message. `summary`: totals, the timeline's picture, and the messages
 * that are still in a queue, lost, dead-lettered or received more than once.
 */
export type RecordingMode = 'full' | 'summary';

/** The resource that a record is about, and how it is kept. */
export interface RecordStart {
  /** `account/region`. */
  readonly place: string;
  readonly name: string;
  /** When the cloud started, in emulated milliseconds since the epoch. */
  readonly startedAt: number;
  readonly mode: RecordingMode;
}

/** The records of a local cloud, as a service fills them from its events. */
export interface Recording {
  /** The record of a resource, created on first use. */
  of<K extends AnyResourceKind>(kind: K, place: string, name: string): RecordOf<K>;
  /**
   * Adds a line to the timeline's picture: what happened to the event's subject.
   * @param other the name of another resource that was involved, which ends the line
   */
  note(event: TimelineEvent, what: string, other?: string): void;
}

/** The record of a kind of resource. */
export type RecordOf<K> = K extends { readonly record?: (start: never) => infer R } ? R : never;

/**
 * Something recorded that knows an event's detail, so that the recording need not keep the detail itself: there may be
 * millions of events.
 */
export interface DetailSource {
  /** @param receives the event's own `receives`; 0 if it has none */
  detailOf(receives: number): TimelineEvent['detail'];
}

/** The first line of a text, at most 120 characters. */
export function firstLine(text: string): string {
  const [line] = text.split('\n');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
