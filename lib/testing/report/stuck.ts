import type { DirectQueue } from '../../emulator';
import type { QueueRecord } from '../../emulator/services/sqs/testing/queue-record';
import { inWords, stopwatch } from '../../emulator/testing';
import type { CloudContext } from '../cloud-context';

const MOST_TIMERS = 6;
const MOST_LOG_LINES = 5;
const MINUTE = 60_000;

/** How far each queue was when a wait began: what is done since says whether there is progress. */
export type Stock = ReadonlyMap<QueueRecord, { readonly deleted: number; readonly size: number }>;

/** What a report says of one queue, and what it suggests. */
interface Finding {
  readonly lines: readonly string[];
  readonly hints: readonly string[];
}

export function takeStock({ recorder }: CloudContext): Stock {
  return new Map(
    recorder.all('queue').map((queue) => [queue, { deleted: queue.totals.deleted, size: queue.present.size }]),
  );
}

/** What was waited for in vain, what is stuck and why, what time would bring next, and what may help. */
export function stuckReport(context: CloudContext, what: string, atMost: number, before: Stock): string {
  const findings = context.recorder
    .all('queue')
    .filter((queue) => queue.present.size > 0)
    .map((queue) => queueFinding(context, queue, before.get(queue), atMost));
  const hints = new Set(findings.flatMap((finding) => finding.hints));
  const now = context.clock.now();
  return [
    `not within ${inWords(atMost)} of emulated time: ${what}`,
    `It is ${new Date(now).toISOString()}, ${elapsed(context, now)} after the cloud began.`,
    ...section(
      'Queues that hold messages:',
      findings.flatMap((finding) => finding.lines),
    ),
    ...(findings.length === 0 ? ['', 'No queue holds a message.'] : []),
    ...section('Auto Scaling groups:', groupLines(context)),
    ...section('Alarms:', alarmLines(context)),
    ...section('Functions:', functionLines(context)),
    ...section('Last written to standard error:', errorLines(context)),
    ...section('Next on the clock:', timerLines(context)),
    ...section(
      'What may help:',
      [...hints].map((hint) => `- ${hint}`),
    ),
    '',
    context.picture(),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function queueFinding(
  context: CloudContext,
  queue: QueueRecord,
  before: { readonly deleted: number; readonly size: number } | undefined,
  atMost: number,
): Finding {
  const label = context.resources.labelOf(queue.place, queue.name);
  const state = regionOf(context, queue.place).queue(queue.name);
  if (state === undefined) return { lines: [`${label}: the queue was deleted`], hints: [] };
  const lines = [`${label}: ${state.visible} visible, ${state.inFlight} in flight, ${state.delayed} delayed`];
  const hints: string[] = [];
  const { totals } = queue;
  const consumers = consumersOf(context, queue, state);
  lines.push(...consumers.lines.map((line) => `  ${line}`));
  hints.push(...consumers.hints);
  if (state.nextVisibleAt !== undefined) {
    const inTime = state.nextVisibleAt - context.clock.now();
    lines.push(`  the next message becomes visible in ${inWords(inTime)}, at ${elapsed(context, state.nextVisibleAt)}`);
    if (state.visible === 0 && inTime > atMost) {
      hints.push(
        `${label}: its messages are hidden for another ${inWords(inTime)}; wait for longer, or give it a shorter visibility timeout`,
      );
    }
  }
  const most = [...queue.present.values()].reduce((max, { receives }) => Math.max(max, receives), 0);
  if (most > 1) lines.push(`  one of its messages was received ${most} times without being deleted`);
  const done = totals.deleted - (before?.deleted ?? 0);
  if (done > 0) {
    lines.push(`  ${done} of its messages were deleted meanwhile`);
    const needed = (queue.present.size / done) * atMost;
    if (queue.present.size < (before?.size ?? 0) || needed < atMost) {
      hints.push(`${label}: it is getting there; at this rate it takes another ${inWords(Math.max(needed, MINUTE))}`);
    }
  }
  return { lines, hints };
}

function consumersOf(context: CloudContext, { place, name, ...queue }: QueueRecord, state: DirectQueue): Finding {
  const { recorder, resources } = context;
  const label = resources.labelOf(place, name);
  const lines: string[] = [];
  const hints: string[] = [];
  const mappings = regionOf(context, place).mappingsOf(name);
  for (const mapping of mappings) {
    const fn = resources.labelOf(place, mapping.functionName);
    lines.push(`its event source mapping to ${fn} is ${mapping.state}`);
    if (mapping.state === 'Disabled') hints.push(`${label}: enable its event source mapping to ${fn}`);
    const { errors, failures } = recorder.record('function', place, mapping.functionName);
    const last = failures.at(-1);
    if (last !== undefined) {
      hints.push(`${fn} failed ${errors} times, last with ${last.errorType}: ${last.errorMessage.split('\n')[0]}`);
    }
  }
  if (queue.lastReceiveAt !== undefined) lines.push(`last received at ${elapsed(context, queue.lastReceiveAt)}`);
  else if (state.waitingReceives === 0) lines.push('nothing was ever received from it');
  if (state.waitingReceives > 0) lines.push(`${state.waitingReceives} long polls wait at it`);
  const idle = mappings.length === 0 && state.waitingReceives === 0;
  if (idle && queue.lastReceiveAt === undefined) {
    if (queue.totals.arrivedDead > 0 && queue.totals.sent === 0) {
      hints.push(`${label}: a dead-letter queue, so what is in it stays; look at its messages to see what went wrong`);
    } else {
      hints.push(
        `${label}: nobody polls it; give it a consumer, or wait until one runs (an instance has to boot first)`,
      );
    }
  }
  return { lines, hints };
}

function groupLines({ recorder, emulator, resources }: CloudContext): string[] {
  return recorder.all('group').flatMap(({ place, name }) => {
    const [account, region] = place.split('/');
    const group = emulator.region(account, region).group(name);
    if (group === undefined) return [];
    const states = group.instances.map(({ id, state }) => `${id} ${state}`).join(', ') || 'no instances';
    return [`${resources.labelOf(place, name)}: ${group.desired} desired (${group.min} to ${group.max}): ${states}`];
  });
}

function alarmLines({ emulator, resources, recorder }: CloudContext): string[] {
  return recorder.all('alarm').flatMap(({ place, name, history }) => {
    const [account, region] = place.split('/');
    const alarm = emulator.region(account, region).alarm(name);
    const since = history.at(-1);
    if (alarm === undefined || since === undefined) return [];
    return [`${resources.labelOf(place, name)}: ${alarm.state} since ${stopwatch(since.at - recorder.startedAt)}`];
  });
}

function functionLines(context: CloudContext): string[] {
  const { recorder, resources } = context;
  return recorder
    .all('function')
    .filter(({ invocations, throttles }) => invocations > 0 || throttles > 0)
    .map(({ place, name, invocations, errors, throttles, running, failures }) => {
      const last = failures.at(-1);
      const why =
        last === undefined
          ? ''
          : `; last at ${elapsed(context, last.at)}: ${last.errorType}: ${last.errorMessage.split('\n')[0]}`;
      return `${resources.labelOf(place, name)}: ${invocations} invocations, ${running.latest} of them running, ${errors} failed, ${throttles} throttled${why}`;
    });
}

function errorLines(context: CloudContext): string[] {
  const { logs, resources } = context;
  const lines = logs.filter(({ stream }) => stream === 'stderr').slice(-MOST_LOG_LINES);
  return lines.map(({ at, source, text }) => `${elapsed(context, at)}  ${resources.labelOfAny(source)}: ${text}`);
}

function timerLines(context: CloudContext): string[] {
  const now = context.clock.now();
  const counts = new Map<string, number>();
  for (const { at, what } of context.clock.upcoming()) {
    const line = `in ${inWords(at - now)}: ${what ?? 'something without a name'}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].slice(0, MOST_TIMERS).map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
}

function regionOf({ emulator }: CloudContext, place: string) {
  const [account, region] = place.split('/');
  return emulator.region(account, region);
}

function elapsed({ recorder }: CloudContext, at: number): string {
  return stopwatch(at - recorder.startedAt);
}
