/**
 * Loaded before a program's own code: connections to hosts of emulated services go to the emulator, without TLS, and
 * those to any other AWS host fail. Applies to `http`, `https`, `fetch`, `net` and `tls`.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type net from 'node:net';
import type tls from 'node:tls';
import { blockedHost, routeOf } from '../../core/aws-hosts';

type Connect = (this: net.Socket, ...args: unknown[]) => net.Socket;
type Callback = (this: net.Socket) => void;
interface ConnectOptions {
  readonly host?: string | null;
  readonly port?: number | string | null;
  readonly path?: string | null;
  readonly socket?: unknown;
  readonly servername?: string;
}

const { AWS_ENDPOINT_URL: endpoint, SPILLWAY_HOSTS: hosts = '' } = process.env;
const emulated: ReadonlySet<string> = new Set(hosts.split(','));
if (endpoint !== undefined && URL.canParse(endpoint)) redirect(new URL(endpoint));

function redirect(to: URL): void {
  // Only these exports can be replaced; those of an ES module cannot.
  const require = createRequire(__filename);
  const { Socket } = require('node:net') as typeof net;
  const secure = require('node:tls') as { connect: (...args: unknown[]) => tls.TLSSocket };

  const sockets = Socket.prototype as unknown as { connect: Connect };
  const { connect } = sockets;
  sockets.connect = function (...args) {
    // Node's own modules pass the arguments as a list, already parsed.
    const given = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
    const { options, callback } = read(given);
    const host = options.host ?? '';
    switch (routeOf(host, emulated)) {
      case 'elsewhere':
        return Reflect.apply(connect, this, args);
      case 'blocked':
        process.nextTick(() => this.destroy(blockedHost(host)));
        return this;
      case 'emulator': {
        const target = { ...options, host: to.hostname.replace(/^\[|\]$/g, ''), port: to.port || 80 };
        return Reflect.apply(connect, this, callback === undefined ? [target] : [target, callback]);
      }
    }
  };

  const connectSecurely = secure.connect;
  secure.connect = (...args) => {
    const { options, callback } = read(args);
    const host = options.host ?? options.servername ?? '';
    const tunnelled = options.socket !== undefined && options.socket !== null;
    const route = routeOf(host, emulated);
    if (route === 'elsewhere') return connectSecurely(...args);
    const socket = asSecure(new Socket(options as net.SocketConstructorOpts), host);
    // Traffic over an open connection, such as one to a proxy, would leave for AWS.
    if (route === 'blocked' || tunnelled) process.nextTick(() => socket.destroy(blockedHost(host)));
    else socket.connect({ ...options, host, port: Number(options.port) });
    socket.once('connect', () => socket.emit('secureConnect'));
    if (callback !== undefined) socket.once('secureConnect', callback);
    return socket;
  };
  syncBuiltinESMExports();
}

/** Parses the arguments of `connect`, in any of its forms. */
function read(args: readonly unknown[]): { options: ConnectOptions; callback?: Callback } {
  const callback = args.find((argument): argument is Callback => typeof argument === 'function');
  const objects = args.filter((argument) => typeof argument === 'object' && argument !== null);
  const options = Object.assign({}, ...objects) as ConnectOptions;
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) return { options, callback };
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { options: { ...options, path: first }, callback };
  const host = typeof second === 'string' ? { host: second } : {};
  return { options: { ...options, port: first as number | string, ...host }, callback };
}

/** Adds the members of a TLS connection that its users read before they send anything. */
function asSecure(socket: net.Socket, servername: string): tls.TLSSocket {
  return Object.assign(socket, {
    encrypted: true,
    authorized: true,
    alpnProtocol: false,
    servername,
    getPeerCertificate: () => ({}),
    getSession: () => undefined,
    isSessionReused: () => false,
    setSession: () => undefined,
    getProtocol: () => 'TLSv1.3',
    getCipher: () => ({ name: 'none', standardName: 'none', version: 'TLSv1.3' }),
  }) as unknown as tls.TLSSocket;
}
