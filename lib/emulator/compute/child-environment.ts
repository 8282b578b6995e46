import { devNull } from 'node:os';
import type { SystemClock } from '../clock';
import { HOST_NAMES } from '../services';
import { childProgram } from './child-program';
import { proxyVariables } from './forward-proxy';
import type { ComputeHost } from './compute-host';

/** The variables that children inherit from our own environment. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/**
 * The environment of a child process: the program's own variables, a few of ours, and endpoints that lead to the
 * emulator and never to the developer's real AWS account. Node programs also preload two modules: one redirects
 * connections to AWS hosts; the other, if the speed is not 1, accelerates time.
 * @param own the program's own variables
 */
export function childEnvironment(
  computeHost: ComputeHost,
  clock: SystemClock,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const accelerated = clock.speed === 1 ? [] : [preload('accelerated-time')];
  const required = [preload('aws-redirect'), ...accelerated].map((file) => `--require ${JSON.stringify(file)}`);
  const options = [...required, own.NODE_OPTIONS ?? ''].filter((option) => option !== '').join(' ');
  return {
    ...Object.fromEntries(inherited),
    ...own,
    AWS_ENDPOINT_URL: computeHost.endpointUrl(),
    SPILLWAY_HOSTS: [...HOST_NAMES].join(','),
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_CONFIG_FILE: devNull,
    // The Node version here says nothing about the one on AWS.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...(options === '' ? {} : { NODE_OPTIONS: options }),
    ...(accelerated.length === 0 ? {} : { SPILLWAY_TIME: emulatedTime(clock) }),
  };
}

/** Keeps a program that does not run on Node.js from AWS hosts, since it cannot preload our modules. */
export function proxied(computeHost: ComputeHost): Record<string, string> {
  const url = computeHost.proxyUrl?.();
  return url === undefined ? {} : proxyVariables(url);
}

/** The path of a module that child processes load before their own code. */
export function preload(name: 'accelerated-time' | 'aws-redirect'): string {
  return childProgram(`${name}.js`);
}

/**
 * An instant in emulated time and on the machine's monotonic clock, which all processes share, unlike the zero of
 * `performance.now()`. So a child's time equals its parent's, whenever either was started.
 */
function emulatedTime(clock: SystemClock): string {
  return JSON.stringify({ now: clock.now(), at: process.hrtime.bigint().toString(), speed: clock.speed });
}
