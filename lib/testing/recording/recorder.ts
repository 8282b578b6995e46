import { RESOURCE_KINDS, SERVICES_TESTING, type TimelineEvent } from '../../emulator';
import type { KindName, KindRecord } from '../../emulator/services/testing';
import type { AnyResourceKind, Recording, RecordingMode, RecordOf } from '../../emulator/testing';
import { EventLog } from './event-log';
import { Notables } from './notables';

/** Options of a {@link Recorder}. */
export interface RecorderOptions {
  readonly mode: RecordingMode;
  /** When the cloud started, in emulated milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Records an emulator's timeline for tests. */
export class Recorder implements Recording {
  /** Every event, if the mode is `full`. */
  public readonly log?: EventLog;
  public readonly notables = new Notables();
  /** By kind, place and name. */
  private readonly records = new Map<AnyResourceKind, Map<string, Map<string, unknown>>>();
  private readonly takers = new Map<string, NonNullable<ReturnType<typeof takerOf>>>();

  constructor(private readonly options: RecorderOptions) {
    if (options.mode === 'full') this.log = new EventLog();
    for (const kind of Object.values(RESOURCE_KINDS)) this.records.set(kind, new Map());
  }

  public get mode(): RecordingMode {
    return this.options.mode;
  }

  public get startedAt(): number {
    return this.options.startedAt;
  }

  public of<K extends AnyResourceKind>(kind: K, place: string, name: string): RecordOf<K> {
    const places = this.records.get(kind) as Map<string, Map<string, unknown>>; // of each kind there is one
    let names = places.get(place);
    if (names === undefined) places.set(place, (names = new Map<string, unknown>()));
    if (!names.has(name)) names.set(name, kind.record?.({ place, name, ...this.options }));
    return names.get(name) as RecordOf<K>; // which the kind made
  }

  /** The record of a resource, by the name of its kind. */
  public record<K extends KindName>(kind: K, place: string, name: string): KindRecord<K> {
    return this.of(RESOURCE_KINDS[kind], place, name);
  }

  /** All records of a kind, in the order in which they began. */
  public all<K extends KindName>(kind: K): KindRecord<K>[] {
    const places = [...(this.records.get(RESOURCE_KINDS[kind])?.values() ?? [])];
    return places.flatMap((names) => [...names.values()] as KindRecord<K>[]);
  }

  /** Records an event of the timeline. */
  public take(event: TimelineEvent): void {
    const { kind } = event;
    if (kind.startsWith('fault.')) this.note(event, `(fault) ${String(event.detail.what)}`);
    const source = this.takerOf(kind)(event, this);
    this.log?.add(event, source);
  }

  public note({ at, subject, place }: TimelineEvent, what: string, other?: string): void {
    this.notables.add(at, { place, subject, what, other });
  }

  private takerOf(kind: string) {
    let taker = this.takers.get(kind);
    if (taker === undefined) this.takers.set(kind, (taker = takerOf(kind)));
    return taker;
  }
}

/** The function of a kind of event's service that records it. */
function takerOf(kind: string) {
  const [service] = kind.split('.');
  return SERVICES_TESTING.get(service)?.take ?? (() => undefined);
}
