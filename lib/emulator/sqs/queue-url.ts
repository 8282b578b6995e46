/** What a queue URL says. What it leaves out is the caller's. */
export interface QueueAddress {
  readonly name: string;
  readonly account?: string;
  readonly region?: string;
}

const REGION_IN_HOST = /^[a-z]+:\/\/(?:sqs(?:-fips)?\.)?([a-z]{2}(?:-[a-z]+)+-\d+)\./i;
const REGION_IN_PATH = /\/queue\/([a-z]{2}(?:-[a-z]+)+-\d+)\/[^/]+\/[^/]+$/i;

/**
 * Reads a queue URL: any that ends in `/account/name`, or a name alone. Nearly all are those that we gave out, for the
 * `account` of the caller, at the `endpoint` by which he came: they are told apart without taking them to pieces.
 */
export function readQueueUrl(url: string, endpoint: string, account: string): QueueAddress {
  const slash = url.lastIndexOf('/');
  if (slash < 0) return { name: url };
  const name = url.slice(slash + 1);
  const start = slash - account.length;
  const ours = start === endpoint.length + 1 && url.startsWith(account, start) && url.startsWith(endpoint);
  if (ours && !REGION_IN_HOST.test(endpoint)) return { name };
  const region = (REGION_IN_PATH.exec(url) ?? REGION_IN_HOST.exec(url))?.[1];
  return { name, account: url.slice(url.lastIndexOf('/', slash - 1) + 1, slash), region };
}
