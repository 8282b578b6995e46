import { port } from '../../core';
import type { LambdaDependencies } from './dependencies';
import type { QueueSource } from './event-sources/queue-source';
import type { StreamSource } from './event-sources/stream-source';
import type { FunctionControl } from './function-model';
import type { FunctionRunner } from './runner';

/** Runs functions. */
export const FUNCTION_RUNNER = port<FunctionRunner>('lambda/runner');
/** Models and crashes the functions that run, for tests. */
export const FUNCTION_CONTROL = port<FunctionControl>('lambda/control');
/** The queues from which mappings receive. */
export const QUEUE_SOURCE = port<QueueSource>('lambda/queues');
/** The streams from which mappings read, by service. */
export const STREAM_SOURCES = port<readonly StreamSource[]>('lambda/streams');
/** Whether there is a role with this ARN, and it trusts Lambda. */
export const FUNCTION_ROLES = port<(roleArn: string) => boolean>('lambda/roles');
/** Shell commands that run in place of functions' code, by function. */
export const FUNCTION_COMMANDS = port<Readonly<Record<string, string>>>('lambda/commands');
/** Unpacks uploaded code, and merges layers. */
export const CODE_ARCHIVES =
  port<Required<Pick<LambdaDependencies, 'unpack' | 'merge' | 'discard'>>>('lambda/archives');
