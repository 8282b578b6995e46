import { port } from '../../core';
import type { ReadPolicy } from './authorization';
import type { KeyService } from './encryption';

/** Encrypts the message bodies of queues with a KMS key. */
export const QUEUE_ENCRYPTION = port<KeyService>('sqs/encryption');

/** Parses queue policies. */
export const QUEUE_POLICIES = port<ReadPolicy>('sqs/policies');
