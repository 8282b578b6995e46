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

Synthesizes the reference app, loads it into the emulator, and plays its story:
usually 10 videos, suddenly 1,000.

  --messages N     how many videos in all (default 1000, at least 1)
  --speed X        emulated seconds per real second (default 40)
  --port N         where the emulator listens on 127.0.0.1 (default 4566 or, if it is in use, any free port)
  --keep-running   go on serving after the story, until Ctrl-C
  --json           print one line of JSON with the figures, and nothing else
  --verbose        print what handlers and workers log, and stack traces
  --help           print this
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
        if (!values.json) print(`Serving on ${emulator.endpointUrl} until Ctrl-C.`);
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
  // Lines that are logged in between would tear a picture that is redrawn in place.
  return process.stdout.isTTY && !verbose ? new LiveView(process.stdout) : new PlainView(print);
}

/** Runs the app as the CDK command line does. Ends with the signal. */
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
  if (status !== 0) throw new Error(`bin/video-encoding.ts ended with status ${String(status)}`);
}

function loadedLine(stack: StackReport): string {
  return `Loaded ${formatReport(stack).split('\n')[0]} (all of them: --verbose)\n`;
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

// The SDK's word on Node versions is no part of the story.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
void runCommand({ usage, run: start }, process.argv.slice(2));
