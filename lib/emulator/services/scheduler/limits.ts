import { HOUR, SECOND } from '../../clock';

/** The quotas of EventBridge Scheduler, and times of which AWS publishes none. */
export const LIMITS = {
  groups: 500,
  tags: 50,
  /** Items of a page of a listing. */
  page: 100,
  retryAttempts: 185,
  /** Seconds. */
  eventAge: 86_400,
  /** Bytes of a dead letter with its attributes. */
  deadLetter: 262_144,
  /** How far StartDate may be in the past, in milliseconds. */
  startInThePast: 300 * SECOND,
  /** How long a group is DELETING, in milliseconds. */
  groupDeletion: SECOND,
  /** For how long a request with the same client token is answered like the first one, in milliseconds. */
  clientTokens: 8 * HOUR,
} as const;
