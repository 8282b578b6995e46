import http from 'node:http';
import { Duplex } from 'node:stream';
import { urlToHttpOptions } from 'node:url';
import { blockedHost, routeOf } from '../../core';
import { HOST_NAMES } from '../../services';
import type { SandboxContext } from './sandbox-context';
import { refusal, refuse } from './process';

type Connect = (host: string, port: number) => Duplex;
type Answer = (response: http.IncomingMessage) => void;

/** A module as `require` returns it. */
export type ModuleExports = Record<string, unknown>;

/** `node:http` and `node:https` for code in a sandbox. */
export interface VirtualHttp {
  readonly http: ModuleExports;
  readonly https: ModuleExports;
}

/**
 * Node's own HTTP client over connections that `connect` opens. Requests to https: addresses are sent without TLS, to
 * port 443; `connect` decides who answers there. Requests to hosts of emulated services go to the emulator's endpoint,
 * and those to any other AWS host fail.
 */
export function virtualHttp(
  context: SandboxContext,
  connect: Connect | undefined,
  endpointUrl: () => string,
): VirtualHttp {
  const running = new Set<http.ClientRequest>();
  const agents = new Set<http.Agent>();
  context.onClose(() => {
    // Once its connections are gone, an agent would open new ones for its waiting requests.
    for (const agent of agents) Object.assign(agent, { requests: {} });
    for (const request of running) abandon(request);
  });

  class Agent extends http.Agent {
    constructor(options: http.AgentOptions = {}) {
      super(options);
      agents.add(this);
      Object.assign(this, {
        protocol: 'http:',
        createConnection: (target: { host?: string | null; port?: number | string | null }) =>
          open(target.host ?? 'localhost', Number(target.port)),
      });
    }
  }

  const open = (host: string, port: number): Duplex => {
    const socket = context.outside(() => connectTo(host, port));
    enterOnEvents(socket, context);
    const forget = context.onClose(() => socket.destroy());
    socket.once('close', forget);
    return socket;
  };

  const connectTo = (host: string, port: number): Duplex => {
    if (connect === undefined) throw refusal(`a connection to ${host}:${port}`);
    switch (routeOf(host, HOST_NAMES)) {
      case 'elsewhere':
        return connect(host, port);
      case 'blocked':
        return failing(blockedHost(host));
      case 'emulator': {
        const { hostname, port: ownPort } = new URL(endpointUrl());
        return connect(hostname, Number(ownPort || 80));
      }
    }
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
      running.add(started);
      const unreference = context.reference();
      started.once('close', () => {
        running.delete(started);
        unreference();
      });
      started.prependOnceListener('socket', keepOwnCloseListeners);
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

/**
 * Sandboxed code runs when data arrives for it, and its errors are its own. Once the sandbox is closed, only Node's
 * HTTP client is told, and only that the socket closed: it would otherwise keep the parser, and the whole sandbox with
 * it, alive.
 */
function enterOnEvents(socket: Duplex, context: SandboxContext): void {
  const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
  socket.emit = (...args: unknown[]): boolean => {
    let heard = false;
    if (context.closed) {
      if (args[0] === 'close') heard = context.outside(() => emitToNode(socket, emit));
    } else context.enter(() => (heard = emit(...args)));
    return heard;
  };
}

/** A connection that fails to open. */
function failing(error: Error): Duplex {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  process.nextTick(() => socket.destroy(error));
  // The socket methods that Node's HTTP client calls before it learns of the failure.
  const same = () => socket;
  return Object.assign(socket, { setTimeout: same, setKeepAlive: same, setNoDelay: same, ref: same, unref: same });
}

type CloseListener = (...args: unknown[]) => void;

/** The `close` listeners that Node's HTTP client added to a socket before the sandbox's code saw it. */
const ownCloseListeners = new WeakMap<Duplex, ReadonlySet<unknown>>();

function keepOwnCloseListeners(socket: Duplex): void {
  if (!ownCloseListeners.has(socket)) ownCloseListeners.set(socket, new Set(socket.listeners('close')));
}

function emitToNode(socket: Duplex, emit: (...args: unknown[]) => boolean): boolean {
  const own = ownCloseListeners.get(socket);
  for (const listener of own === undefined ? [] : (socket.listeners('close') as CloseListener[])) {
    if (own?.has(listener) !== true) socket.removeListener('close', listener);
  }
  return emit('close');
}

/** Ends a request whose response nobody can receive any more. */
function abandon(request: http.ClientRequest): void {
  const { res: response } = request as { res?: http.IncomingMessage | null };
  for (const emitter of response ? [request, response] : [request]) {
    emitter.removeAllListeners();
    emitter.on('error', () => undefined);
  }
  request.destroy();
}

/** Parses the arguments of `http.request`: an address, options, or both, and a listener. */
function read(args: unknown[]): { options: http.RequestOptions; answer?: Answer } {
  const rest = [...args];
  const options: http.RequestOptions = {};
  if (typeof rest[0] === 'string' || rest[0] instanceof URL) {
    Object.assign(options, urlToHttpOptions(new URL(rest.shift() as string | URL)));
  }
  if (typeof rest[0] === 'object' && rest[0] !== null) Object.assign(options, rest.shift());
  return { options, answer: rest.find((arg): arg is Answer => typeof arg === 'function') };
}
