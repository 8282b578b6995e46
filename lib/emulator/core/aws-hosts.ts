/**
 * Where a connection to a host is routed: to the emulator (an emulated service), blocked (any other AWS host), or left
 * alone.
 */
export type HostRoute = 'emulator' | 'blocked' | 'elsewhere';

const AWS_SUFFIX = /\.(?:amazonaws\.(?:com|com\.cn|eu)|api\.aws|on\.aws|api\.amazonwebservices\.(?:com\.cn|eu))$/;
const REGION = /^[a-z]{2,5}(?:-[a-z]+){1,3}-\d{1,2}$/;
const LONGEST_HOST = 253;

/**
 * Returns how a connection to `host` is routed.
 * @param emulated the services' names in AWS host names, as in `<name>.<region>.amazonaws.com`
 */
export function routeOf(host: string, emulated: ReadonlySet<string>): HostRoute {
  const prefix = awsPrefix(host);
  if (prefix === undefined) return 'elsewhere';
  // `sqs-fips.us-east-1`, `eu-west-1.queue`, `vpce-0a1b.sqs.eu-west-1.vpce`
  const labels = prefix.split('.').filter((label) => !REGION.test(label) && !/^vpce(?:-|$)/.test(label));
  const service = labels
    .filter((label) => label !== 'dualstack')
    .at(-1)
    ?.replace(/-fips$/, '');
  // Before S3's name there may be a bucket's, which may have dots.
  const known = service !== undefined && emulated.has(service) && (labels.length === 1 || service === 's3');
  return known ? 'emulator' : 'blocked';
}

/** Whether `host` is an AWS host name. */
export function isAwsHost(host: string): boolean {
  return awsPrefix(host) !== undefined;
}

/** The part of a host name before AWS's suffix; undefined if it is not an AWS host name. */
function awsPrefix(host: string): string | undefined {
  if (host.length > LONGEST_HOST) return undefined; // not a host name
  const name = host.toLowerCase().replace(/\.$/, '');
  const suffix = AWS_SUFFIX.exec(name);
  return suffix === null ? undefined : name.slice(0, suffix.index);
}

/** The error of a connection that was blocked because it would have left for AWS. */
export function blockedHost(host: string): Error {
  return Object.assign(new Error(`Spillway: blocked ${host}`), { code: 'ERR_SPILLWAY_BLOCKED', host });
}
