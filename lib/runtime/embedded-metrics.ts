import { type WorkerEvent } from './worker-events';

/** How {@link embeddedMetrics} writes. */
export interface EmbeddedMetricsOptions {
  /** The CloudWatch namespace. Default `Spillway/Worker`. */
  readonly namespace?: string;
  /** The dimensions of every metric, at most 30. Default: none. */
  readonly dimensions?: Readonly<Record<string, string>>;
  /** How often a line is written, at least 1 second. Default 60. */
  readonly periodSeconds?: number;
  /** Writes one line. Default: `console.log`. */
  readonly write?: (line: string) => void;
}

/** CloudWatch takes at most this many values of a metric in a line. */
const MOST_VALUES = 100;
const METRICS = [
  { Name: 'Received', Unit: 'Count' },
  { Name: 'Succeeded', Unit: 'Count' },
  { Name: 'Failed', Unit: 'Count' },
  { Name: 'DeadLettered', Unit: 'Count' },
  { Name: 'EmptyReceives', Unit: 'Count' },
  { Name: 'HandlerTime', Unit: 'Milliseconds' },
];

/**
 * Returns an `onEvent` that writes a worker's metrics in CloudWatch's embedded metric format: one line a period in
 * which something happened, and one when the worker stops. `HandlerTime` holds up to 100 handler times of the period,
 * drawn evenly from all of them; the counts are exact.
 *
 * @throws RangeError if an option is out of range
 */
export function embeddedMetrics(options: EmbeddedMetricsOptions = {}): (event: WorkerEvent) => void {
  const { namespace = 'Spillway/Worker', dimensions = {}, periodSeconds = 60, write = console.log } = options;
  if (!(periodSeconds >= 1)) throw new RangeError(`periodSeconds must be at least 1, but was ${periodSeconds}`);
  if (Object.keys(dimensions).length > 30) {
    throw new RangeError(`dimensions must be at most 30, but were ${Object.keys(dimensions).length}`);
  }
  let period = newPeriod();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    const { times, handled: _, ...counts } = period;
    const HandlerTime = times.length > 0 ? times : undefined;
    const Metrics = METRICS.filter(({ Name }) => Name !== 'HandlerTime' || HandlerTime !== undefined);
    const directive = { Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics };
    write(
      JSON.stringify({
        _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
        ...dimensions,
        ...counts,
        HandlerTime,
      }),
    );
    period = newPeriod();
  };
  return (event) => {
    if (event.type === 'stopped') return flush();
    timer ??= setTimeout(flush, periodSeconds * 1_000);
    if (event.type === 'received') {
      period.Received += event.messages;
      if (event.messages === 0) period.EmptyReceives++;
      return;
    }
    period[OUTCOMES[event.outcome]]++;
    sample(period.times, event.milliseconds, ++period.handled);
  };
}

const OUTCOMES = { succeeded: 'Succeeded', failed: 'Failed', deadLettered: 'DeadLettered' } as const;

function newPeriod() {
  const times: number[] = [];
  return { Received: 0, Succeeded: 0, Failed: 0, DeadLettered: 0, EmptyReceives: 0, handled: 0, times };
}

/** Keeps an even sample of all values so far, of which `value` is number `count`. */
function sample(values: number[], value: number, count: number): void {
  if (values.length < MOST_VALUES) return void values.push(value);
  const place = Math.floor(Math.random() * count);
  if (place < MOST_VALUES) values[place] = value;
}
