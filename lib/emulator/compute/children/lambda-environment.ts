// A Lambda execution environment: the process that loads a function's code and calls it with one event at a time.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireFile, useFunctionModules } from '../functions/child-modules';
import { endMark, logRecord, type EnvironmentMessage, type InvokeMessage } from '../functions/environment-protocol';
import { serializeError } from '../functions/function-errors';
import {
  HandlerCall,
  type HandlerFunction,
  type HandlerInvocation,
  type HandlerResult,
} from '../functions/handler-call';
import { LambdaConsole } from '../functions/lambda-console';
import type { ModuleFolders } from '../functions/function-modules';
import { importError, locateHandler, pickHandler, type Handler } from '../functions/handler-location';

const {
  LAMBDA_TASK_ROOT: taskRoot = '',
  SPILLWAY_MODULES: moduleFolders = '{}',
  _HANDLER: handlerName = '',
  AWS_LAMBDA_FUNCTION_NAME: name = '',
  AWS_LAMBDA_FUNCTION_VERSION: version = '',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMegabytes = '',
  AWS_LAMBDA_LOG_GROUP_NAME: logGroupName = '',
  AWS_LAMBDA_LOG_STREAM_NAME: logStreamName = '',
} = process.env;
delete process.env.SPILLWAY_MODULES;
const modules = useFunctionModules(JSON.parse(moduleFolders) as ModuleFolders, join(__dirname, 'module-hooks.js'));
const fn: HandlerFunction = { name, version, memoryMegabytes, logGroupName, logStreamName };

// Exit statuses of Lambda's own Node.js runtime.
const UNHANDLED_REJECTION = 128;
const UNCAUGHT_EXCEPTION = 129;
const CHECK_TIMEOUT = 5_000; // real milliseconds, less than Lambda allows for loading a function

// Keep the original streams and channel, whatever the handler's code does to them.
const channel = process.channel;
const send = process.send?.bind(process) as (message: EnvironmentMessage, sent: () => void) => void;
const writers = [process.stdout.write.bind(process.stdout), process.stderr.write.bind(process.stderr)];
const exit = process.exit.bind(process);
const memoryUsage = process.memoryUsage.bind(process);

let invocation: HandlerInvocation | undefined;
let requestId: string | undefined; // the latest invocation's
let call: HandlerCall | undefined;

const log = new LambdaConsole({
  environment: process.env,
  now: () => Date.now(),
  requestId: () => requestId,
  write: (stream, text, message) => writers[stream === 'stdout' ? 0 : 1](logRecord(text, message)),
});
log.patch(console);

async function load(): Promise<Handler> {
  const { file, path } = locateHandler(taskRoot, handlerName);
  try {
    return pickHandler(await importModule(file), path, handlerName);
  } catch (error) {
    throw importError(withPlace(error, file));
  }
}

/**
 * Node.js only reports the location of a syntax error in an ECMAScript module when it prints it, so another process
 * checks the file without running it.
 */
function withPlace(error: unknown, file: string): unknown {
  if (!(error instanceof SyntaxError) || modules.formatOf(file) === 'commonjs') return error;
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: CHECK_TIMEOUT });
  const [place] = stderr.split('\n', 1);
  if (place.startsWith(`${file}:`)) error.stack = `${place}\n${error.stack}`;
  return error;
}

async function importModule(file: string): Promise<unknown> {
  return modules.formatOf(file) === 'module'
    ? ((await import(pathToFileURL(file).href)) as unknown)
    : requireFile(file);
}

function invoke(handler: Handler, next: HandlerInvocation): void {
  invocation = next;
  ({ requestId } = next);
  // While the handler runs, only its own work keeps the process busy: 'beforeExit' means that none is left.
  channel?.unref();
  call = new HandlerCall(
    handler,
    fn,
    next,
    () => Date.now(),
    (result) => answer(result),
  );
}

function answer(result: HandlerResult, sent: () => void = () => undefined): void {
  if (invocation === undefined) return;
  const { requestId: id } = invocation;
  invocation = undefined;
  call = undefined;
  channel?.ref();
  if ('error' in result) log.failed('Invoke Error', result.error);
  for (const write of writers) write(endMark(id));
  send({ type: 'result', requestId: id, result, memoryUsed: memoryUsage().rss }, sent);
}

function crash(error: unknown, status: number): void {
  const serialized = serializeError(error);
  if (invocation === undefined) {
    writers[1](
      `${status === UNHANDLED_REJECTION ? 'Unhandled rejection' : 'Uncaught exception'}\t${JSON.stringify(serialized)}\n`,
    );
    exit(status);
  } else answer({ error: serialized }, () => exit(status));
}

process.on('beforeExit', () => call?.ended());

load().then(
  (handler) => {
    process.on('uncaughtException', (error) => crash(error, UNCAUGHT_EXCEPTION));
    process.on('unhandledRejection', (reason) => {
      const rejection = new Error(reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));
      rejection.name = 'Runtime.UnhandledPromiseRejection';
      if (reason instanceof Error && reason.stack !== undefined) rejection.stack = reason.stack;
      crash(rejection, UNHANDLED_REJECTION);
    });
    process.on('message', (message: InvokeMessage) => invoke(handler, message.invocation));
    send({ type: 'initialized' }, () => undefined);
  },
  (error: unknown) => send({ type: 'initFailed', error: serializeError(error) }, () => exit(1)),
);
