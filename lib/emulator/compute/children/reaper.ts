/**
 * Waits for the emulator to end for any reason, then kills what is left of its children and removes its temporary
 * folders. Its standard input is a pipe that only the emulator holds, so the pipe's end means the emulator's end.
 */
import { rmSync } from 'node:fs';
import type { ReaperMessage } from '../reaper';

const groups = new Set<number>();
const folders = new Set<string>();

// The emulator handles Ctrl-C at the terminal and the end of the session.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() as string;
  for (const line of lines) take(JSON.parse(line) as ReaperMessage);
});
process.stdin.on('error', () => undefined);
process.stdin.on('close', () => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // it has already ended
    }
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

function take({ watch, forget }: ReaperMessage): void {
  if (typeof watch === 'number') groups.add(watch);
  if (typeof watch === 'string') folders.add(watch);
  if (typeof forget === 'number') groups.delete(forget);
  if (typeof forget === 'string') folders.delete(forget);
}
