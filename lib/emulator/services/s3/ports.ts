import { port, type RequestContext } from '../../core';
import type { ObjectFiles } from './objects/content';

export type { ObjectFiles } from './objects/content';

/** Where objects lie that are too long for memory. */
export const OBJECT_FILES = port<ObjectFiles>('s3/files');

/** Asks whether functions may be invoked for a bucket, without invoking them. */
export interface NotifiedFunctions {
  /** @throws AwsError if there is no such function, or its policy refuses */
  check(functionArn: string, caller: RequestContext): void;
}

export const NOTIFIED_FUNCTIONS = port<NotifiedFunctions>('s3/functions');
