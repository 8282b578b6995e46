// Runs the code blocks of a tutorial, from top to bottom, as a reader would:
//   ```ts file=path   writes the file
//   ```sh             runs the commands, which must succeed; a `cd` holds for the next block
//   ```sh up          starts a command that goes on until the page ends
//   ```text           each line must be printed by what has run so far
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BLOCK = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gms;
const PATIENCE = 60_000; // milliseconds for a line to be printed: a machine may be busy

/**
 * @param standIns what is run in place of a command that needs a network: a command, or a function of the folder
 * @throws Error if a command fails, or does not print what the page says
 */
export async function runTutorial(page, folder, env, standIns) {
  let [directory, printed] = [folder, ''];
  const running = [];
  const start = (script, options = {}) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn('bash', ['-e', '-c', script], { cwd: directory, env, stdio, ...options });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (s) => (printed += s));
    return child;
  };
  const waitFor = async (line) => {
    for (const end = Date.now() + PATIENCE; !printed.includes(line); await new Promise((r) => setTimeout(r, 50))) {
      const ended = running.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
      if (ended || Date.now() > end) throw new Error(`${page} promises "${line}", but this was printed:\n${printed}`);
    }
  };
  const steps = {
    sh: async (script) => {
      const where = join(folder, 'pwd');
      const commands = script.split('\n').map((command) => {
        const standIn = standIns[command] ?? command;
        return typeof standIn === 'function' ? standIn(directory) : standIn;
      });
      const [code] = await once(start([...commands, `pwd > '${where}'`].join('\n')), 'close');
      if (code !== 0) throw new Error(`${page}: this failed\n${script}\n${printed}`);
      directory = readFileSync(where, 'utf8').trim();
    },
    up: async (command) => {
      running.push(start(command, { detached: true })); // a process group of its own, as in a terminal
      await waitFor('Press Ctrl-C to stop');
    },
    text: async (lines) => {
      for (const line of lines.trim().split('\n')) await waitFor(line.trim());
    },
    file: (text, path) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    },
  };
  try {
    for (const [, language, info = '', text] of readFileSync(page, 'utf8').matchAll(BLOCK)) {
      const [kind, path] = info.split('=');
      const step = steps[kind] ?? steps[language];
      if (step === undefined) throw new Error(`${page}: what is to be done with a block of ${language} ${info}?`);
      await step(text, path);
    }
  } finally {
    for (const child of running.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
      const ended = once(child, 'close');
      process.kill(-child.pid, 'SIGINT');
      await ended;
    }
  }
}
