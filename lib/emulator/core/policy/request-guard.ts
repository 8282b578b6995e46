import type { IncomingHttpHeaders } from 'node:http';

/** A {@link RequestGuard}'s decision about a request, made from its headers alone. */
export interface Admission {
  /** The response to send immediately, without reading the body; undefined if the request is admitted. */
  readonly answer?: { readonly status: number; readonly body: string };
  /** Headers to add to the response, whether admitted or not. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Decides whether to serve a request, before its body is read. */
export interface RequestGuard {
  /** How many requests were refused so far. */
  readonly refusedCount: number;
  admit(method: string, headers: IncomingHttpHeaders): Admission;
}

/** What a {@link BrowserGuard} admits besides local programs. */
export interface BrowserGuardOptions {
  /**
   * Origins whose web pages may call the endpoint, such as `http://localhost:5173`.
   * @default - none
   */
  readonly allowOrigins?: readonly string[];
  /**
   * Host names, without a port, by which the endpoint may be called besides loopback names and those of AWS.
   * @default - none
   */
  readonly allowHosts?: readonly string[];
}

export const ADMITTED: Admission = { headers: {} };

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|(?:[a-z0-9_-]{1,63}\.){0,8}localhost|\[::1\])$/;
// Only AWS can point these names at an address, so an attacker cannot point one at this machine.
const AWS = /^(?:[a-z0-9_-]{1,63}\.){1,8}(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)$/;
const LONGEST_NAME = 253; // of a DNS name
const HOST_NAME = /^(?:[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}|\[[0-9a-f:.]{2,45}\])$/;
const LONGEST_ECHO = 100;

/**
 * Keeps web pages away from the endpoint. Any page in the developer's browser can send requests to this machine, and a
 * page whose host name resolves to 127.0.0.1 (DNS rebinding) could even read the responses.
 *
 * Browsers send a request's origin in `Origin` and `Sec-Fetch-Site`, and the host name in `Host`. Programs send neither
 * of the first two, and call the endpoint by a loopback name or, through a proxy, by an AWS host name.
 */
export class BrowserGuard implements RequestGuard {
  public refusedCount = 0;
  private readonly origins: ReadonlySet<string>;
  private readonly hosts: ReadonlySet<string>;
  /** The last admitted host: callers rarely use more than one. */
  private admittedHost?: string;

  /** @throws {RangeError} if an origin or host name is malformed */
  constructor({ allowOrigins = [], allowHosts = [] }: BrowserGuardOptions = {}) {
    for (const origin of allowOrigins) {
      const problem = originProblem(origin);
      if (problem !== undefined) throw new RangeError(`allowOrigins ${problem}`);
    }
    for (const host of allowHosts) {
      const problem = hostProblem(host);
      if (problem !== undefined) throw new RangeError(`allowHosts ${problem}`);
    }
    this.origins = new Set(allowOrigins);
    this.hosts = new Set(allowHosts.map((host) => host.toLowerCase()));
  }

  public admit(method: string, headers: IncomingHttpHeaders): Admission {
    const { host, origin } = headers;
    const site = headers['sec-fetch-site'];
    if (host !== undefined && host !== this.admittedHost) {
      if (!this.isOurs(host)) {
        return this.refuse(
          `This endpoint is not called ${echo(host)}: use a loopback address, or start it with --allow-host ${echo(nameOf(host))}.`,
        );
      }
      this.admittedHost = host;
    }
    if (origin === undefined) {
      if (site === undefined || site === 'none' || site === 'same-origin') return ADMITTED;
      return this.refuse(
        `Web pages may not call this endpoint, and this request comes from one of another origin (Sec-Fetch-Site: ${echo(String(site))}).`,
      );
    }
    if (this.origins.has(origin)) return permit(method, origin, headers);
    if (host !== undefined && origin === `http://${host.toLowerCase()}` && !AWS.test(nameOf(host))) {
      if (site === undefined || site === 'same-origin') return ADMITTED;
    }
    return this.refuse(
      `Web pages of ${echo(origin)} may not call this endpoint; start it with --allow-origin ${echo(origin)} to permit them.`,
    );
  }

  private isOurs(host: string): boolean {
    const name = nameOf(host);
    return name.length <= LONGEST_NAME && (LOOPBACK.test(name) || AWS.test(name) || this.hosts.has(name));
  }

  private refuse(sentence: string): Admission {
    this.refusedCount++;
    return {
      answer: { status: 403, body: `${sentence}\n` },
      headers: { 'Content-Type': 'text/plain', 'X-Content-Type-Options': 'nosniff' },
    };
  }
}

/** Says what is wrong with an origin, in words that follow the option's name; undefined if it is valid. */
export function originProblem(text: string): string | undefined {
  const parsed = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text).origin : undefined;
  if (parsed === text) return undefined;
  return `must be an origin such as http://localhost:5173, but was ${JSON.stringify(text)}`;
}

/** Says what is wrong with a host name, in words that follow the option's name; undefined if it is valid. */
export function hostProblem(text: string): string | undefined {
  if (text.length <= LONGEST_NAME && HOST_NAME.test(text.toLowerCase())) return undefined;
  return `must be a host name without a port, such as host.docker.internal, but was ${JSON.stringify(text)}`;
}

/** The name in a `Host` header, without the port, in lower case. */
function nameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
  return name.toLowerCase();
}

function permit(method: string, origin: string, headers: IncomingHttpHeaders): Admission {
  const cors: Record<string, string> = { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' };
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
    return { headers: { ...cors, 'Access-Control-Expose-Headers': '*' } };
  }
  cors['Access-Control-Allow-Methods'] = headers['access-control-request-method'];
  const wanted = headers['access-control-request-headers'];
  if (wanted !== undefined) cors['Access-Control-Allow-Headers'] = wanted;
  if (headers['access-control-request-private-network'] === 'true')
    cors['Access-Control-Allow-Private-Network'] = 'true';
  return { answer: { status: 204, body: '' }, headers: cors };
}

function echo(text: string): string {
  return text.length <= LONGEST_ECHO ? text : `${text.slice(0, LONGEST_ECHO)}…`;
}
