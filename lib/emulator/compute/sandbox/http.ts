import http from 'node:http';
import type { Duplex } from 'node:stream';
import { urlToHttpOptions } from 'node:url';
import type { Inside } from './inside';
import { refusal, refuse } from './process';

type Connect = (host: string, port: number) => Duplex;
type Answer = (response: http.IncomingMessage) => void;

/** A module as `require` gives it. */
export type ModuleExports = Record<string, unknown>;

/** `node:http` and `node:https` for code in a sandbox. */
export interface VirtualHttp {
  readonly http: ModuleExports;
  readonly https: ModuleExports;
}

/**
 * Node's own HTTP client over connections that `connect` makes. Requests to https: addresses go out without TLS, to
 * port 443 as they would: who answers there is `connect`'s to say.
 */
export function virtualHttp(inside: Inside, connect: Connect | undefined): VirtualHttp {
  class Agent extends http.Agent {
    constructor(options: http.AgentOptions = {}) {
      super(options);
      Object.assign(this, {
        protocol: 'http:',
        createConnection: (target: { host?: string | null; port?: number | string | null }) =>
          open(target.host ?? 'localhost', Number(target.port)),
      });
    }
  }

  const open = (host: string, port: number): Duplex => {
    if (connect === undefined) throw refusal(`a connection to ${host}:${port}`);
    const socket = inside.outside(() => connect(host, port));
    enterOnEvents(socket, inside);
    const forget = inside.onClose(() => socket.destroy());
    socket.once('close', forget);
    return socket;
  };

  const globalAgent = new Agent({ keepAlive: true });

  const clientFor = (defaultProtocol: 'http:' | 'https:'): ModuleExports => {
    const request = (...args: unknown[]): http.ClientRequest => {
      const { options, answer } = read(args);
      const protocol = options.protocol ?? defaultProtocol;
      if (protocol !== 'http:' && protocol !== 'https:') {
        throw new TypeError(`Protocol "${protocol}" not supported. Expected "${defaultProtocol}"`);
      }
      if (options.socketPath !== undefined) throw refusal(`a connection to ${options.socketPath}`);
      const { agent } = options;
      if (agent !== undefined && typeof agent === 'object' && !(agent instanceof http.Agent)) {
        throw new TypeError('options.agent must be an http.Agent');
      }
      const defaultPort = protocol === 'https:' ? 443 : 80;
      const started = http.request(
        {
          ...options,
          protocol: 'http:',
          defaultPort,
          port: options.port ?? defaultPort,
          agent: agent === false ? new Agent() : (agent ?? globalAgent),
        },
        answer,
      );
      started.once('close', inside.reference());
      return started;
    };
    const get = (...args: unknown[]): http.ClientRequest => {
      const started = request(...args);
      started.end();
      return started;
    };
    const server = refuse(`${defaultProtocol.slice(0, -1)}.createServer()`);
    return { ...http, Agent, globalAgent, request, get, createServer: server, Server: server };
  };
  return { http: clientFor('http:'), https: clientFor('https:') };
}

/** Code of the sandbox runs when something arrives for it: its errors are its own, and once closed it hears no more. */
function enterOnEvents(socket: Duplex, inside: Inside): void {
  const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
  socket.emit = (...args: unknown[]): boolean => {
    let heard = false;
    inside.enter(() => (heard = emit(...args)));
    return heard;
  };
}

/** The arguments of `http.request`: an address, options, or both, and a listener. */
function read(args: unknown[]): { options: http.RequestOptions; answer?: Answer } {
  const rest = [...args];
  const options: http.RequestOptions = {};
  if (typeof rest[0] === 'string' || rest[0] instanceof URL) {
    Object.assign(options, urlToHttpOptions(new URL(rest.shift() as string | URL)));
  }
  if (typeof rest[0] === 'object' && rest[0] !== null) Object.assign(options, rest.shift());
  return { options, answer: rest.find((arg): arg is Answer => typeof arg === 'function') };
}
