import { createInterface } from 'node:readline/promises';
import { UsageError } from './command-line';
import type { Target } from './target';

/**
 * Asks before something in an account is changed that cannot be undone.
 * @throws UsageError if there is nobody to ask; Error if the answer is not yes
 */
export async function askFirst(target: Target, question: string, given: { readonly yes?: boolean }): Promise<void> {
  if (!target.isAws || given.yes === true) return;
  if (!process.stdin.isTTY) throw new UsageError(`${question} In a script, --yes is required`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new Error('nothing was done');
}
