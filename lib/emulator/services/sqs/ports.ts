import { port } from '../../core';
import type { ReadPolicy } from './authorization';
import type { KeyService } from './encryption';

/** What encrypts the bodies of messages in queues that have a key. */
export const QUEUE_ENCRYPTION = port<KeyService>('sqs/encryption');

/** Reads queue policies. */
export const QUEUE_POLICIES = port<ReadPolicy>('sqs/policies');
