import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../lib/package-root';
import { check } from './commands/check';
import { complete } from './commands/complete';
import { env } from './commands/env';
import { alarms } from './commands/alarms';
import { doctor } from './commands/doctor';
import { logs } from './commands/logs';
import { peek } from './commands/peek';
import { purge } from './commands/purge';
import { receive } from './commands/receive';
import { redrive } from './commands/redrive';
import { reset } from './commands/reset';
import { send } from './commands/send';
import { status } from './commands/status';
import { up } from './commands/up';

/** `spillway`, with all its commands. Each is a file, and loads what it needs only when it runs. */
export function spillway(signal: AbortSignal): Command {
  const commands = [
    ...[up(signal), check(), env(), doctor()],
    ...[status(), logs(signal), alarms(), send(), receive(), peek(), redrive(signal), purge(), reset()],
  ];
  return program(
    ...commands,
    complete(() => program(...commands)),
  );
}

function program(...commands: readonly Command[]): Command {
  const root = new Command('spillway')
    .description('A local cloud for AWS CDK apps with queues.')
    .usage('<command> [options]')
    .version(version(), '--version', 'print the version')
    .helpCommand(false);
  for (const command of commands) root.addCommand(command);
  return root;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
