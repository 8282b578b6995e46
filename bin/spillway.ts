#!/usr/bin/env node
import './compile-cache';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../lib/package-root';
import { type Command, runCommand, UsageError } from './command-line';
import { env } from './commands/env';
import { up } from './commands/up';

const commands: Readonly<Record<string, Command>> = { up, env };

/** What `spillway` does when no command is named. */
const spillway: Command = {
  usage: `Usage: spillway <command> [options]

  up [cdk.out]     serve a local cloud, running a synthesized CDK app if one is named
  env              print the environment variables that point AWS SDKs at it

  --help           print this, or a command's usage
  --version        print the version
`,
  run: ([name]) => {
    if (name !== '--version') {
      throw new UsageError(name === undefined ? 'name a command' : `no command ${JSON.stringify(name)}`);
    }
    const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
    process.stdout.write(`${manifest.version}\n`);
    return 0;
  },
};

const [name, ...rest] = process.argv.slice(2);
const known = name !== undefined && Object.hasOwn(commands, name);
void runCommand(known ? commands[name] : spillway, known ? rest : process.argv.slice(2));
