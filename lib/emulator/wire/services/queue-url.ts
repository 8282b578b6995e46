const REGION = '[a-z]{2}(?:-[a-z]+)+-\\d+';

// `sqs.<region>.…`, `<region>.queue.…`, and `…/queue/<region>/<account>/<name>` on any host.
const REGIONAL = new RegExp(
  `^https?://(?:sqs(?:-fips)?\\.(${REGION})[.:/]|(${REGION})\\.queue\\.|[^/]+/queue/(${REGION})/)`,
);
const QUEUE_PATH = new RegExp(`^(?:/queue/${REGION})?/\\d{12}/[^/]+/?$`);
const OWNER = /\/(\d{12})\/[^/]+$/;
const CONSOLE_PAGE = '#/queues/';

/** Whether a path is that of a queue's URL. */
export function isQueuePath(path: string): boolean {
  return QUEUE_PATH.test(path);
}

/** A queue's URL as one writes it, without a slash at its end, and taken out of the link to its page in the console. */
export function plainQueueUrl(url: string): string {
  const page = url.indexOf(CONSOLE_PAGE);
  const plain = page < 0 ? url : decoded(url.slice(page + CONSOLE_PAGE.length));
  return plain.endsWith('/') ? plain.slice(0, -1) : plain;
}

/** The region that a URL names: a queue's, or an endpoint's. */
export function regionOfUrl(url: string): string | undefined {
  const match = REGIONAL.exec(url);
  return match === null ? undefined : (match[1] ?? match[2] ?? match[3]);
}

/** The account that owns the queue of that URL. */
export function ownerOfQueueUrl(url: string): string | undefined {
  return OWNER.exec(url)?.[1];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // names no queue, which the service will say
  }
}
