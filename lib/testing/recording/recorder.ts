import type { TimelineEvent } from '../../emulator';
import { AlarmRecord, type AlarmState } from './alarm-record';
import { EventLog } from './event-log';
import { FunctionRecord } from './function-record';
import { GroupRecord } from './group-record';
import { Notables } from './notables';
import { QueueMessage } from './queue-message';
import { QueueRecord } from './queue-record';

/**
 * How much is recorded. `full`: every event and message. `summary`: totals, the timeline's picture, and the messages
 * that are still in a queue, lost, dead-lettered or received more than once.
 */
export type RecordingMode = 'full' | 'summary';

/** What a recorder formats its lines with. */
export interface RecorderOptions {
  readonly mode: RecordingMode;
  /** When the cloud started, in emulated milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Records by place and name, created on first use. */
class Records<T> {
  private readonly places = new Map<string, Map<string, T>>();

  constructor(private readonly make: (place: string, name: string) => T) {}

  public get(place: string, name: string): T {
    let names = this.places.get(place);
    if (names === undefined) this.places.set(place, (names = new Map<string, T>()));
    let record = names.get(name);
    if (record === undefined) names.set(name, (record = this.make(place, name)));
    return record;
  }

  public get all(): T[] {
    return [...this.places.values()].flatMap((names) => [...names.values()]);
  }
}

/** Records an emulator's timeline for tests. */
export class Recorder {
  /** Every event, if the mode is `full`. */
  public readonly log?: EventLog;
  public readonly notables = new Notables();
  private readonly queues: Records<QueueRecord>;
  private readonly groups: Records<GroupRecord>;
  private readonly functions: Records<FunctionRecord>;
  private readonly alarms: Records<AlarmRecord>;

  constructor(private readonly options: RecorderOptions) {
    const { mode, startedAt } = options;
    if (mode === 'full') this.log = new EventLog();
    this.queues = new Records((place, name) => new QueueRecord(place, name, mode === 'full', startedAt));
    this.groups = new Records((place, name) => new GroupRecord(place, name, startedAt));
    this.functions = new Records((place, name) => new FunctionRecord(place, name, startedAt));
    this.alarms = new Records((place, name) => new AlarmRecord(place, name));
  }

  public get mode(): RecordingMode {
    return this.options.mode;
  }

  public get startedAt(): number {
    return this.options.startedAt;
  }

  public queue(place: string, name: string): QueueRecord {
    return this.queues.get(place, name);
  }

  public group(place: string, name: string): GroupRecord {
    return this.groups.get(place, name);
  }

  public function(place: string, name: string): FunctionRecord {
    return this.functions.get(place, name);
  }

  public alarm(place: string, name: string): AlarmRecord {
    return this.alarms.get(place, name);
  }

  public get allQueues(): QueueRecord[] {
    return this.queues.all;
  }

  public get allGroups(): GroupRecord[] {
    return this.groups.all;
  }

  public get allFunctions(): FunctionRecord[] {
    return this.functions.all;
  }

  public get allAlarms(): AlarmRecord[] {
    return this.alarms.all;
  }

  /** Records an event of the timeline. */
  public take(event: TimelineEvent): void {
    const { kind } = event;
    let message: QueueMessage | undefined;
    if (kind.startsWith('sqs.')) message = this.takeMessage(event);
    else if (kind.startsWith('lambda.')) this.takeInvocation(event);
    else if (kind.startsWith('autoscaling.')) this.takeInstance(event);
    else if (kind === 'cloudwatch.alarm') this.takeAlarm(event);
    else if (kind.startsWith('fault.')) this.note(event, `(fault) ${String(event.detail.what)}`);
    this.log?.add(event, message);
  }

  private takeMessage({ at, kind, subject, place, detail, body }: TimelineEvent): QueueMessage | undefined {
    const queue = this.queue(place, subject);
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
        this.notables.add(at, { place, subject, what: 'a message expires, and is lost' });
        return queue.left(at, id, 'expired');
      case 'sqs.deadLettered':
        this.takeDeadLetter(at, queue, id, String(detail.to));
        return undefined; // the event adds something to the message
      case 'sqs.purged':
        for (const present of [...queue.present.keys()]) queue.left(at, present, 'purged');
        return undefined;
      case 'sqs.queueDeleted':
        for (const present of [...queue.present.keys()]) queue.left(at, present, 'queueDeleted');
    }
    return undefined;
  }

  private takeDeadLetter(at: number, source: QueueRecord, id: string, to: string): void {
    const { place } = source;
    const target = this.queue(place, to);
    const deadLetter = new QueueMessage(id, source.present.get(id)?.text ?? '', at);
    target.totals.arrivedDead++;
    source.left(at, id, 'deadLettered', deadLetter);
    target.arrived(at, deadLetter);
    this.notables.add(at, { place, subject: source.name, what: 'a message goes to', other: to });
  }

  private takeInvocation(event: TimelineEvent): void {
    const { at, kind, subject, place, detail } = event;
    const fn = this.function(place, subject);
    switch (kind) {
      case 'lambda.invoked':
        fn.began(at);
        return;
      case 'lambda.returned':
        fn.ended(at);
        return;
      case 'lambda.failed':
        fn.failed({
          at,
          errorType: String(detail.errorType),
          errorMessage: String(detail.errorMessage),
          trace: event.body?.split('\n') ?? [],
        });
        this.note(event, `fails: ${String(detail.errorType)}: ${firstLine(String(detail.errorMessage))}`);
        return;
      case 'lambda.throttled':
        fn.throttles++;
        this.note(event, 'a batch is throttled');
        return;
      case 'lambda.batchFailed':
        this.note(event, `a batch counts as failed: ${firstLine(String(detail.reason))}`);
        return;
      case 'lambda.dropped':
        this.note(event, `an event is dropped: ${String(detail.reason)}`);
        return;
      case 'lambda.receiveFailed':
        this.note(event, `its poller cannot receive: ${firstLine(String(detail.reason))}`);
        return;
      case 'lambda.mappingDisabled':
        this.note(event, `its event source mapping is disabled: ${String(detail.reason)}`);
        return;
      case 'lambda.deleteFailed':
        this.note(event, `its poller cannot delete: ${firstLine(String(detail.reason))}`);
    }
  }

  private takeInstance(event: TimelineEvent): void {
    const { at, kind, subject, place, detail } = event;
    const group = this.group(place, subject);
    const instanceId = String(detail.instance);
    switch (kind) {
      case 'autoscaling.launched':
        group.launched++;
        this.note(event, 'launches an instance');
        return;
      case 'autoscaling.inService':
        group.entered(at, instanceId);
        return;
      case 'autoscaling.terminating':
        group.left(at, instanceId);
        this.note(event, 'takes an instance out of service');
        return;
      case 'autoscaling.terminated':
        group.left(at, instanceId);
        group.terminated++;
    }
  }

  private takeAlarm(event: TimelineEvent): void {
    const { at, subject, place, detail } = event;
    const [from, to] = [detail.from as AlarmState, detail.to as AlarmState];
    this.alarm(place, subject).changed({ at, from, to, reason: String(detail.reason) });
    this.note(event, `${from} → ${to}`);
  }

  private note({ at, subject, place }: TimelineEvent, what: string): void {
    this.notables.add(at, { place, subject, what });
  }
}

function firstLine(text: string): string {
  const [line] = text.split('\n');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
