import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { formatReport, type LogLine, type StackReport } from '../lib/emulator';
import { packageRoot } from '../lib/package-root';
import { option, runProgram } from './command-line';
import { integer, number } from './option-kinds';
import { Project } from './project';
import type { Figures } from './story/figures';
import { LiveView } from './story/live-view';
import { PlainView } from './story/plain-view';
import { noView, type View } from './story/scene';
import { tellStory } from './story/story';

interface Options {
  readonly messages: number;
  readonly speed: number;
  readonly port?: number;
  readonly keepRunning: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

function program(signal: AbortSignal): Command {
  return new Command('npm start --')
    .description(
      'Synthesizes the reference app, deploys it to the emulator, and plays its story: usually 10 videos, suddenly 1,000.',
    )
    .addOption(option('--messages <number>', 'the total number of videos', integer(1, 1_000_000)).default(1_000))
    .addOption(option('--speed <factor>', 'emulated seconds per real second', number(0.1, 1_000)).default(40))
    .addOption(
      option(
        '--port <number>',
        'the port to listen on, at 127.0.0.1 (default: 4566, or any free port if it is in use)',
        integer(0, 65_535),
      ),
    )
    .option('--keep-running', 'keep the emulator running after the story, until Ctrl-C', false)
    .option('--json', 'print only the figures, as one line of JSON', false)
    .option('--verbose', 'print the logs of handlers and workers, and stack traces', false)
    .action(async (options: Options) => {
      if (!(await start(options, signal))) process.exitCode = 1;
    });
}

/** Returns whether no message was lost. */
async function start(values: Options, signal: AbortSignal): Promise<boolean> {
  const { messages, speed, port } = values;
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const log = ({ source, text }: LogLine) => void process.stderr.write(`${source} | ${text}\n`);

  const assembly = mkdtempSync(join(tmpdir(), 'spillway-story-'));
  const project = Project.at(packageRoot());
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
      if (values.keepRunning) {
        if (!values.json) print(`Serving on ${emulator.endpointUrl}. Press Ctrl-C to stop.`);
        if (!signal.aborted) await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
      }
    } finally {
      await emulator.stop();
    }
    return figures.lost === 0;
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
    cwd: packageRoot(),
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
void runProgram(program, process.argv.slice(2));
