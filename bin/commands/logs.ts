import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudWatchLogsClient, FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { Command } from 'commander';
import { announceAccount, clientConfig } from '../clients';
import { option } from '../command-line';
import { LocalCloudApi } from '../local-cloud';
import { number } from '../option-kinds';
import { print, timeOfDay } from '../output';
import { addAwsOptions, type TargetOptions, targetOf } from '../target';

interface LogsOptions extends TargetOptions {
  readonly follow?: boolean;
  readonly since: number;
}

/** A line of a log, with its group. */
interface Line extends FilteredLogEvent {
  readonly logGroup: string;
}

const MINUTE = 60_000;
/** How often new lines are asked for, in real milliseconds. */
const INTERVAL = 500;

/** `spillway logs`: prints what functions and workers wrote. */
export function logs(signal: AbortSignal): Command {
  const command = new Command('logs')
    .summary('print what functions and workers wrote')
    .description(
      'Prints the lines of log groups: those of functions (/aws/lambda/…), of workers on instances ' +
        '(/spillway/…), and others.',
    )
    .argument(
      '[name]',
      "a function, an Auto Scaling group or a log group: its name, or its construct's path (default: all)",
    )
    .option('-f, --follow', 'go on printing new lines, until Ctrl-C')
    .addOption(option('--since <minutes>', 'print the lines of the last minutes', number(0, 525_600)).default(10));
  return addAwsOptions(command).action(async (name: string | undefined, options: LogsOptions) => {
    const target = targetOf(options);
    await announceAccount(target);
    const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
    const client = new CloudWatchLogsClient(clientConfig(target));
    const now = target.isAws ? Date.now() : (await new LocalCloudApi(target).status()).at;
    const reader = new LineReader(client, now - options.since * MINUTE, name);
    const lines = await reader.next();
    if (reader.groups.length === 0 && name !== undefined && options.follow !== true) {
      throw new Error(`no log group belongs to ${name}; available log groups: ${reader.all.join(', ') || 'none'}`);
    }
    print(lines, lines.map(formatLine), options);
    while (options.follow === true) {
      await sleep(INTERVAL, undefined, { signal });
      const more = await reader.next();
      if (more.length > 0) print(more, more.map(formatLine), options);
    }
  });
}

function formatLine({ timestamp = 0, logGroup, message = '' }: Line): string {
  return `${timeOfDay(timestamp)} ${logGroup} | ${message.trimEnd()}`;
}

/** Reads the lines of log groups, each once. */
class LineReader {
  /** All groups, and those that were asked for. */
  public all: string[] = [];
  public groups: string[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly client: CloudWatchLogsClient,
    private since: number,
    private readonly name: string | undefined,
  ) {}

  /** The lines since the last call, in the order of their times. */
  public async next(): Promise<Line[]> {
    const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
    await this.findGroups();
    const lines: Line[] = [];
    for (const logGroup of this.groups) {
      const request = { logGroupName: logGroup, startTime: Math.max(0, Math.floor(this.since)) };
      for await (const { events = [] } of paginateFilterLogEvents({ client: this.client }, request)) {
        lines.push(
          ...events.filter(({ eventId = '' }) => !this.seen.has(eventId)).map((event) => ({ ...event, logGroup })),
        );
      }
    }
    for (const { eventId = '', timestamp = 0 } of lines) {
      this.seen.add(eventId);
      this.since = Math.max(this.since, timestamp);
    }
    return lines.sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
  }

  private async findGroups(): Promise<void> {
    const { paginateDescribeLogGroups } = await import('@aws-sdk/client-cloudwatch-logs');
    this.all = [];
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: this.client }, {})) {
      this.all.push(...logGroups.map(({ logGroupName = '' }) => logGroupName));
    }
    const { name } = this;
    this.groups = name === undefined ? this.all : matching(this.all, name);
  }
}

/**
 * The log groups that a name stands for: the group itself, or that of a function or Auto Scaling group. CloudFormation
 * makes physical names of the stack's and the construct's, so a path is found in them.
 */
function matching(groups: readonly string[], name: string): string[] {
  const exactly = groups.filter((group) => group === name || group.endsWith(`/${name}`));
  if (exactly.length > 0) return exactly;
  const letters = plain(name);
  return groups.filter((group) => plain(group).includes(letters));
}

const plain = (text: string): string => text.replaceAll(/[^a-z0-9]/gi, '').toLowerCase();
