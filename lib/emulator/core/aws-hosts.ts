/**
 * Where a connection to a host leads: to the emulator, whose service it names; nowhere, if it is another of AWS's; or
 * where it leads anyway.
 */
export type HostRoute = 'emulator' | 'blocked' | 'elsewhere';

/**
 * The names that emulated services have in AWS's host names, each as in `<name>.<region>.amazonaws.com`. SQS has an
 * older one besides. Whatever is added here is redirected, in child processes and in sandboxes.
 */
export const REDIRECTED_SERVICES = ['autoscaling', 'kms', 'lambda', 'monitoring', 'queue', 'sqs', 'sts'] as const;

const REDIRECTED: ReadonlySet<string> = new Set(REDIRECTED_SERVICES);
const AWS_SUFFIX = /\.(?:amazonaws\.(?:com|com\.cn|eu)|api\.aws|on\.aws|api\.amazonwebservices\.(?:com\.cn|eu))$/;
const REGION = /^[a-z]{2,5}(?:-[a-z]+){1,3}-\d{1,2}$/;
const LONGEST_HOST = 253;

/** Where a connection to `host` leads. */
export function routeOf(host: string): HostRoute {
  if (host.length > LONGEST_HOST) return 'elsewhere'; // is no host name
  const name = host.toLowerCase().replace(/\.$/, '');
  const suffix = AWS_SUFFIX.exec(name);
  if (suffix === null) return 'elsewhere';
  // `sqs-fips.us-east-1`, `eu-west-1.queue`, `vpce-0a1b.sqs.eu-west-1.vpce`
  const labels = name.slice(0, suffix.index).split('.');
  const [service, ...others] = labels.filter((label) => !REGION.test(label) && !/^vpce(?:-|$)/.test(label));
  const known = others.length === 0 && service !== undefined && REDIRECTED.has(service.replace(/-fips$/, ''));
  return known ? 'emulator' : 'blocked';
}

/** The error of a connection that is not made, as it would leave for AWS. */
export function blockedHost(host: string): Error {
  return Object.assign(new Error(`Spillway: blocked ${host}`), { code: 'ERR_SPILLWAY_BLOCKED', host });
}
