import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { formatReport, type LogLine, type StackReport } from '../lib/emulator';
import { integerOption, numberOption, parseOptions, runCommand } from './command-line';
import { Project } from './project';
import type { Figures } from './story/figures';
import { LiveView } from './story/live-view';
import { PlainView } from './story/plain-view';
import { noView, type View } from './story/scene';
import { tellStory } from './story/story';

const usage = `Usage: npm start -- [options]

Synthesizes the reference app, deploys it to the emulator, and plays its story:
usually 10 videos, suddenly 1,000.

  --messages N     the total number of videos (default 1000, at least 1)
  --speed X        emulated seconds per real second (default 40)
  --port N         the port to listen on, at 127.0.0.1 (default 4566, or any free port if it is in use)
  --keep-running   keep the emulator running after the story, until Ctrl-C
  --json           print only the figures, as one line of JSON
  --verbose        print the logs of handlers and workers, and stack traces
  --help           print this help
`;

const OPTIONS = {
  messages: { type: 'string', default: '1000' },
  speed: { type: 'string', default: '40' },
  port: { type: 'string' },
  'keep-running': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const;

async function start(args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseOptions(args, OPTIONS);
  const messages = integerOption('messages', values.messages, 1, 1_000_000);
  const speed = numberOption('speed', values.speed, 0.1, 1_000);
  const port = values.port === undefined ? undefined : integerOption('port', values.port, 0, 65_535);
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const log = ({ source, text }: LogLine) => void process.stderr.write(`${source} | ${text}\n`);

  const assembly = mkdtempSync(join(tmpdir(), 'spillway-story-'));
  const project = Project.at(resolve(__dirname, '..'));
  let unannounce: (() => void) | undefined;
  try {
    const { emulator, figures } = await tellStory({
      messages,
      speed,
      seed: project.seed(),
      port,
      print: (line) => values.json || print(line),
      listening: (server) => (unannounce = project.announce(server)),
      synthesize: async () => {
        if (!values.json) print('Synthesizing bin/video-encoding.ts ...');
        await synthesize(assembly, signal);
        return assembly;
      },
      view: chooseView(values, print),
      loaded: (stack) => values.json || print(values.verbose ? formatReport(stack) : loadedLine(stack)),
      log: values.verbose ? log : () => undefined,
      signal,
    });
    try {
      print(values.json ? JSON.stringify(figures) : summary(figures));
      if (values['keep-running']) {
        if (!values.json) print(`Serving on ${emulator.endpointUrl}. Press Ctrl-C to stop.`);
        if (!signal.aborted) await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
      }
    } finally {
      await emulator.stop();
    }
    return figures.lost === 0 ? 0 : 1;
  } finally {
    unannounce?.();
    rmSync(assembly, { recursive: true, force: true });
  }
}

function chooseView({ json, verbose }: { json: boolean; verbose: boolean }, print: (line: string) => void): View {
  if (json) return noView;
  // Log lines would break a picture that is redrawn in place.
  return process.stdout.isTTY && !verbose ? new LiveView(process.stdout) : new PlainView(print);
}

/** Runs the app as the CDK CLI does, until `signal` is aborted. */
async function synthesize(outdir: string, signal: AbortSignal): Promise<void> {
  const app = spawn(process.execPath, ['--import', 'tsx', 'bin/video-encoding.ts'], {
    cwd: resolve(__dirname, '..'),
    env: { ...process.env, CDK_OUTDIR: outdir },
    stdio: ['ignore', 'ignore', 'inherit'],
    signal,
  });
  let status: unknown;
  try {
    [status] = (await once(app, 'close')) as unknown[];
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  if (status !== 0) throw new Error(`bin/video-encoding.ts exited with status ${String(status)}`);
}

function loadedLine(stack: StackReport): string {
  return `Loaded ${formatReport(stack).split('\n')[0]} (--verbose lists them)\n`;
}

function summary(figures: Figures): string {
  const row = (name: string, value: number | string) => `  ${name.padEnd(22)}${String(value).padStart(8)}`;
  const minutes = Math.floor(figures.drainSeconds / 60);
  return [
    '',
    row('sent', figures.sent),
    row('processed', figures.processed),
    row('duplicates seen', figures.duplicates),
    row('dead-lettered', figures.deadLettered),
    row('lost', figures.lost),
    row('peak instances', figures.peakInstances),
    row('instances at the end', figures.finalInstances),
    row('time to drain', `${minutes} min ${figures.drainSeconds % 60} s`),
    '',
  ].join('\n');
}

// Keeps the SDK's warning about Node versions out of the story.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
void runCommand({ usage, run: start }, process.argv.slice(2));
