import { port } from '../../core';
import type { LambdaDependencies } from './dependencies';
import type { QueueSource } from './event-sources/queue-source';
import type { FunctionRunner } from './runner';

/** Runs functions. */
export const FUNCTION_RUNNER = port<FunctionRunner>('lambda/runner');
/** The queues from which mappings receive. */
export const QUEUE_SOURCE = port<QueueSource>('lambda/queues');
/** Unpacks uploaded code. */
export const CODE_ARCHIVES = port<Required<Pick<LambdaDependencies, 'unpack' | 'discard'>>>('lambda/archives');
