import type { Command } from 'commander';
import { option, UsageError } from './command-line';
import { account, text } from './option-kinds';
import { DEFAULT_PORT } from './default-port';
import { Project } from './project';

/** Options of the commands that work on a running cloud. */
export interface TargetOptions {
  readonly endpointUrl?: string;
  readonly account?: string;
  readonly region?: string;
  readonly aws?: boolean;
  readonly profile?: string;
  readonly json?: boolean;
}

/** What a command works on: a local cloud, or an AWS account. */
export interface Target {
  readonly isAws: boolean;
  /** The endpoint of every service; for AWS undefined, unless one is given. */
  readonly endpoint?: string;
  /** Of a local cloud: the account and Region in which names are looked up first. */
  readonly account: string;
  readonly region?: string;
  readonly profile?: string;
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/;

/** Adds the options that choose the target. */
export function addTargetOptions(command: Command): Command {
  return command
    .addOption(
      option(
        '--endpoint-url <url>',
        'the local cloud (default: a loopback AWS_ENDPOINT_URL, or the one running for this project)',
        text(),
      ),
    )
    .addOption(option('--account <id>', 'the account, 12 digits (default: that of the local cloud)', account))
    .addOption(option('--region <name>', 'the Region (default: that of the local cloud)', text()))
    .option('--json', 'print JSON');
}

/** Adds the options of a command that also works on an account. */
export function addAwsOptions(command: Command): Command {
  return addTargetOptions(command)
    .option('--aws', 'work on the AWS account of your credentials instead of a local cloud')
    .addOption(option('--profile <name>', 'with --aws: the profile of the credentials', text()));
}

/**
 * The target that the options choose.
 * @throws UsageError if they contradict one another; Error if no local cloud runs
 */
export function targetOf(options: TargetOptions): Target {
  return options.aws === true ? awsTarget(options) : localTarget(options);
}

function localTarget({ endpointUrl, account, region, profile }: TargetOptions): Target {
  if (profile !== undefined) throw new UsageError('--profile requires --aws: a local cloud knows no profiles');
  const { AWS_ENDPOINT_URL: variable, AWS_ACCESS_KEY_ID: key = '', AWS_REGION: regionOfShell } = process.env;
  const running = Project.at(process.cwd()).runningServer();
  const given = endpointUrl ?? (isLoopback(variable) ? variable : undefined);
  const endpoint = given === undefined ? running?.endpoint : withoutSlash(given);
  if (endpoint === undefined) {
    throw new Error(
      'no local cloud is running for this project: start one with "npx spillway up", or name it with --endpoint-url',
    );
  }
  if (!URL.canParse(endpoint)) {
    throw new UsageError(
      `--endpoint-url must be a URL such as http://127.0.0.1:${DEFAULT_PORT}, but was "${endpoint}"`,
    );
  }
  const here = running?.endpoint === endpoint ? running : undefined;
  const accountOfShell = /^\d{12}$/.test(key) ? key : undefined;
  return {
    isAws: false,
    endpoint,
    account: account ?? here?.account ?? accountOfShell ?? '000000000000',
    region: region ?? here?.region ?? regionOfShell ?? 'us-east-1',
  };
}

function awsTarget({ endpointUrl, account, region, profile }: TargetOptions): Target {
  if (account !== undefined)
    throw new UsageError('--account is for a local cloud: --aws takes that of the credentials');
  const { AWS_ENDPOINT_URL: variable } = process.env;
  if (endpointUrl === undefined && isLoopback(variable)) {
    throw new UsageError(
      `--aws works on an account, but AWS_ENDPOINT_URL leads to ${variable}: unset it, or give --endpoint-url`,
    );
  }
  return { isAws: true, endpoint: endpointUrl, account: '', region, profile };
}

/** @throws UsageError if the target is an account, where the command has no meaning */
export function refuseAws(options: TargetOptions, command: string, reason: string): void {
  if (options.aws === true) throw new UsageError(`${command} does not work on an account (--aws): ${reason}`);
}

/** A URL as the endpoint itself is called: without a slash at its end. */
export function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

function isLoopback(url: string | undefined): url is string {
  return url !== undefined && URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
}
