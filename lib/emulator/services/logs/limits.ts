import { DAY, HOUR, SECOND } from '../../clock';

/** The retention periods that AWS accepts, in days. */
export const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The quotas of CloudWatch Logs. */
export const LIMITS = {
  /** Events in a PutLogEvents request, and in a page. */
  eventsPerRequest: 10_000,
  /** Bytes of a PutLogEvents request and of a page, with {@link LIMITS.eventOverhead} for each event. */
  bytesPerRequest: 1_048_576,
  /** Bytes of an event's message, in UTF-8. */
  messageBytes: 1_048_576,
  /** Bytes that an event counts beyond its message. */
  eventOverhead: 26,
  /** How far the timestamps of a request may be apart, in milliseconds. */
  batchSpan: DAY,
  /** How old an event may be, in milliseconds. */
  oldest: 14 * DAY,
  /** How far in the future an event may be, in milliseconds. */
  newest: 2 * HOUR,
  metricFiltersPerGroup: 100,
  subscriptionFiltersPerGroup: 2,
  resourcePolicies: 10,
  dimensions: 3,
  tags: 50,
  /** Filter patterns with regular expressions in a group. */
  regexPatternsPerGroup: 5,
  /** Events that one page of FilterLogEvents looks at. AWS documents no figure. */
  eventsSearchedPerPage: 100_000,
} as const;

/** From an event's arrival until a subscription delivers it, in milliseconds. AWS documents no figure. */
export const SUBSCRIPTION_DELAY = SECOND;
/** How long the delivery of an event is retried, in milliseconds. */
export const SUBSCRIPTION_RETRIES = DAY;
/** How long a filter skips events after an error that retries don't help against, in milliseconds. */
export const SUBSCRIPTION_PAUSE = 10 * 60 * SECOND;
