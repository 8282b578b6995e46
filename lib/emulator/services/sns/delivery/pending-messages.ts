import type { Notification } from './notification';

/** The messages of a group that wait until an earlier one is delivered or given up. */
export type PendingMessages = Notification[];
