/** The parts of a queue URL. A part that the URL omits defaults to the caller's. */
export interface QueueAddress {
  readonly name: string;
  /** The segment where the owner's account belongs: 12 digits if the URL is valid. */
  readonly account?: string;
  readonly region?: string;
}

const REGION = '[a-z]{2}(?:-[a-z]+)+-\\d+';

// `sqs.<region>.…`, `<region>.queue.…`, and `…/queue/<region>/<account>/<name>` on any host.
const REGIONAL = new RegExp(
  `^https?://(?:sqs(?:-fips)?\\.(${REGION})(?:[.:/]|$)|(${REGION})\\.queue\\.|[^/]+/queue/(${REGION})(?:/|$))`,
);
const QUEUE_PATH = new RegExp(`^(?:/queue/${REGION})?/\\d{12}/[^/]+/?$`);
const CONSOLE_PAGE = '#/queues/';

// Callers use the same few queues over and over.
const addresses = new Map<string, QueueAddress>();
const endpoints = new Map<string, string | undefined>();
const MOST_KEPT = 10_000;
const LONGEST_KEPT = 512;

/**
 * Parses a queue URL: anything that ends in `/account/name`, on any host, with or without a trailing slash; the link to
 * the queue's console page; or a bare name.
 */
export function readQueueUrl(url: string): QueueAddress {
  return kept(addresses, url, read);
}

/** The Region in an endpoint's host name: `http://sqs.eu-west-1.localhost:4566`. */
export function regionOfEndpoint(endpoint: string): string | undefined {
  return kept(endpoints, endpoint, regionOf);
}

/** Whether a path is that of a queue URL. */
export function isQueuePath(path: string): boolean {
  return QUEUE_PATH.test(path);
}

function read(url: string): QueueAddress {
  const page = url.indexOf(CONSOLE_PAGE);
  const linked = page < 0 ? url : decoded(url.slice(page + CONSOLE_PAGE.length));
  const plain = linked.endsWith('/') ? linked.slice(0, -1) : linked;
  const slash = plain.lastIndexOf('/');
  if (slash < 0) return { name: plain };
  return {
    name: plain.slice(slash + 1),
    account: plain.slice(plain.lastIndexOf('/', slash - 1) + 1, slash),
    region: regionOf(plain),
  };
}

function regionOf(url: string): string | undefined {
  const match = REGIONAL.exec(url);
  return match === null ? undefined : (match[1] ?? match[2] ?? match[3]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not a queue: the service reports it
  }
}

function kept<T>(known: Map<string, T>, key: string, find: (key: string) => T): T {
  const before = known.get(key);
  if (before !== undefined || known.has(key)) return before as T;
  const found = find(key);
  if (key.length > LONGEST_KEPT) return found;
  if (known.size >= MOST_KEPT) known.clear();
  known.set(key, found);
  return found;
}
