import { port } from '../../core';
import type { LambdaDependencies } from './dependencies';
import type { QueueSource } from './event-sources/queue-source';
import type { FunctionRunner } from './runner';

/** What runs functions. */
export const FUNCTION_RUNNER = port<FunctionRunner>('lambda/runner');
/** The queues that mappings read. */
export const QUEUE_SOURCE = port<QueueSource>('lambda/queues');
/** Where code that is uploaded is unpacked. */
export const CODE_ARCHIVES = port<Required<Pick<LambdaDependencies, 'unpack' | 'discard'>>>('lambda/archives');
