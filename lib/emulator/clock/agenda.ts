import type { PendingTask, Timer } from './clock';

/** A task on an agenda, in the order in which it will run. */
export interface AgendaEntry extends Timer, PendingTask {
  readonly order: number;
  readonly task: () => void | Promise<void>;
}

/**
 * Tasks in a binary heap, ordered by (instant, insertion). A cancelled entry stays in the heap, marked, until it
 * reaches the top: removing it immediately would require a search. If most entries are cancelled, the heap is rebuilt
 * without them.
 */
export class Agenda {
  private readonly heap: Entry[] = [];
  private cancelled = 0;

  /** @param orders a counter of insertions, shared by agendas that must agree on an order */
  constructor(private readonly orders = { next: 0 }) {}

  /** How many tasks are still to run. */
  public get size(): number {
    return this.heap.length - this.cancelled;
  }

  public add(at: number, task: () => void | Promise<void>, what?: string): AgendaEntry {
    const entry = new Entry(at, this.orders.next++, task, what, this);
    this.heap.push(entry);
    this.siftUp(this.heap.length - 1);
    return entry;
  }

  /** Returns the next task without removing it. */
  public peek(): AgendaEntry | undefined {
    while (this.heap.length > 0 && this.heap[0].state === 'cancelled') {
      this.removeFirst();
      this.cancelled--;
    }
    return this.heap[0];
  }

  /** Removes and returns the next task. */
  public shift(): AgendaEntry | undefined {
    if (this.peek() === undefined) return undefined;
    const entry = this.removeFirst();
    entry.state = 'done';
    return entry;
  }

  /** All tasks in order, without removing them. */
  public waiting(): AgendaEntry[] {
    return this.live();
  }

  /** Postpones all tasks by the same time, as if each had been added again. */
  public putOff(milliseconds: number): void {
    this.rebuild();
    for (const entry of this.heap) {
      entry.at += milliseconds;
      entry.order = this.orders.next++;
    }
  }

  /** @internal */
  public forget(): void {
    this.cancelled++;
    if (this.cancelled > 64 && this.cancelled * 2 > this.heap.length) this.rebuild();
  }

  private rebuild(): void {
    const live = this.live();
    this.heap.length = 0;
    for (const entry of live) this.heap.push(entry);
    this.cancelled = 0;
  }

  private live(): Entry[] {
    return this.heap.filter((entry) => entry.state === 'waiting').sort((a, b) => (before(a, b) ? -1 : 1));
  }

  private removeFirst(): Entry {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) {
      this.heap[0] = last;
      this.siftDown(0);
    }
    return first;
  }

  private siftUp(start: number): void {
    const { heap } = this;
    const entry = heap[start];
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = entry;
  }

  private siftDown(start: number): void {
    const { heap } = this;
    const entry = heap[start];
    let index = start;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], entry)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = entry;
  }
}

class Entry implements AgendaEntry {
  public state: 'waiting' | 'cancelled' | 'done' = 'waiting';

  constructor(
    public at: number,
    public order: number,
    public readonly task: () => void | Promise<void>,
    public readonly what: string | undefined,
    private readonly agenda: Agenda,
  ) {}

  public cancel(): void {
    if (this.state !== 'waiting') return;
    this.state = 'cancelled';
    this.agenda.forget();
  }
}

/** Whether `a` runs before `b`. */
export function before(a: AgendaEntry, b: AgendaEntry): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
