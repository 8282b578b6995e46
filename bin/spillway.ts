#!/usr/bin/env node
import './compile-cache';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../lib/package-root';
import { type Command, runCommand, UsageError } from './command-line';
import { env } from './commands/env';
import { up } from './commands/up';

const commands: Readonly<Record<string, Command>> = { up, env };

/** `spillway` without a command. */
const spillway: Command = {
  usage: `Usage: spillway <command> [options]

  up [cdk.out]     run a local cloud, and a synthesized CDK app in it
  env              print the environment variables that point AWS SDKs at the local cloud

  --help           print this help, or that of a command: spillway up --help
  --version        print the version
`,
  run: ([name]) => {
    if (name !== '--version') {
      throw new UsageError(name === undefined ? 'a command is required' : `unknown command ${JSON.stringify(name)}`);
    }
    const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
    process.stdout.write(`${manifest.version}\n`);
    return 0;
  },
};

const [name, ...rest] = process.argv.slice(2);
const known = name !== undefined && Object.hasOwn(commands, name);
void runCommand(known ? commands[name] : spillway, known ? rest : process.argv.slice(2));
