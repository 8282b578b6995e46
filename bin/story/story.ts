import { SQSClient } from '@aws-sdk/client-sqs';
import { Emulator, type LogLine, type StackReport, SystemClock } from '../../lib/emulator';
import { listen } from '../listen';
import type { RunningServer } from '../project';
import { StoryStatistics, type Figures } from './figures';
import type { View } from './scene';
import { sendVideos } from './videos';

/** What the story may be told. */
export interface StoryOptions {
  /** Synthesizes the reference app, once the port is known to be free. Resolves with the assembly's folder. */
  readonly synthesize: () => Promise<string>;
  /** How many videos in all. */
  readonly messages: number;
  /** Emulated seconds per real second. */
  readonly speed: number;
  readonly seed: number;
  /** Undefined for the default port or any free one. */
  readonly port: number | undefined;
  readonly view: View;
  /** Prints a line. */
  readonly print: (line: string) => void;
  /** Called when the emulator listens. */
  readonly listening: (server: RunningServer) => void;
  /** Told what became of the app's stack. */
  readonly loaded: (stack: StackReport) => void;
  /** Each line that a handler, a worker or the emulator logs. */
  readonly log: (line: LogLine) => void;
  /** Ends the story early. */
  readonly signal: AbortSignal;
}

/** A story under way or told: the emulator goes on until it is stopped. */
export interface Told {
  readonly emulator: Emulator;
  readonly figures: Figures;
}

const USUAL = 10;
const MINUTE = 60_000;
/** A story that has not ended by then has lost something: no visibility timeout is nearly as long. */
const PATIENCE = 3 * 60 * MINUTE;
const REDRAW = 100; // the machine's milliseconds

/**
 * Usually ten videos, suddenly a thousand. Loads the reference app into an emulator, sends the videos with the real SDK
 * client, and watches until the group has scaled out, drained the queue and scaled in again.
 */
export async function tellStory(options: StoryOptions): Promise<Told> {
  const { messages, view } = options;
  const failed = new AbortController();
  const ended = AbortSignal.any([options.signal, failed.signal]);
  const clock = new SystemClock({ speed: options.speed });
  const doing = new Map<string, string>();
  const observers: ((line: LogLine) => void)[] = [(line) => doing.set(line.source, line.text), options.log];
  const emulator = new Emulator({
    clock,
    compute: 'processes',
    seed: options.seed,
    onLog: (line) => observers.forEach((see) => see(line)),
  });
  try {
    const endpoint = await listen(emulator, { port: options.port, print: options.print });
    const { accessKeyId: account } = emulator.clientConfig().credentials;
    options.listening({ endpoint, account, region: emulator.clientConfig().region, pid: process.pid });
    const assembly = await options.synthesize();
    // Before anything is deployed: at a high speed an instance is in service before the functions are prepared.
    const books = new StoryStatistics();
    observers.push((line) => books.logged(line));
    emulator.timeline.subscribe((event) => books.happened(event));
    const stack = (await emulator.load(assembly))[0];
    options.loaded(stack);
    const [failed] = await emulator.prepareFunctions({ signal: options.signal });
    if (failed !== undefined) throw new Error(`the function ${failed.functionName} cannot start: ${failed.problem}`);
    const queueUrl = stack.outputs.VideosQueueUrl;

    const began = clock.now();
    let chapter = '';
    const watch = async (words: string, done: () => boolean) => {
      chapter = words;
      while (!done()) {
        ended.throwIfAborted();
        if (clock.now() - began > PATIENCE) return;
        draw();
        await new Promise((resolve) => setTimeout(resolve, REDRAW));
      }
      draw();
    };
    const draw = () =>
      view.show({
        chapter,
        elapsed: clock.now() - began,
        speed: options.speed,
        total: messages,
        books,
        cloud: emulator.status(),
        doing,
      });
    const group = () => emulator.status().groups[0];
    const inService = () => group().instances.filter(({ state }) => state === 'InService').length;
    const sqs = new SQSClient(emulator.clientConfig());
    const send = (from: number, to: number) =>
      sendVideos(sqs, queueUrl, from, to, (id, video) => books.sent(id, video));

    const usual = Math.min(USUAL, messages);
    await watch('An instance starts.', () => inService() >= group().min);
    await send(1, usual);
    await watch(`Usually ${usual} videos to encode: one instance is enough.`, () => books.outstandingCount === 0);
    books.burstBegins(clock.now());
    const settled = () => books.sentCount === messages && books.outstandingCount === 0;
    await Promise.all([
      send(usual + 1, messages),
      watch(`Suddenly ${messages}: the queue takes them all, and the group grows.`, settled),
    ]);
    await watch('The backlog is drained: the alarm clears, and the group shrinks.', () => {
      const { alarms, groups } = emulator.status();
      const { desired, min, instances } = groups[0];
      const quiet = alarms.every(({ label, state }) => !/out/i.test(label) || state !== 'ALARM');
      return books.outstandingCount === 0 && quiet && desired === min && instances.length === min;
    });
    sqs.destroy();
    return { emulator, figures: books.figures(inService()) };
  } catch (error) {
    failed.abort(error); // what else is under way ends too
    await emulator.stop();
    throw error;
  } finally {
    view.end();
  }
}
