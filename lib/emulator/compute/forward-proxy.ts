import { createServer, type IncomingMessage, request as send, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { isAwsHost, routeOf } from '../core';
import { HOST_NAMES } from '../services';

/** Hosts that bypass the proxy: this machine, and an instance's metadata service. */
const NO_PROXY = '127.0.0.1,localhost,::1,169.254.169.254';

/** The variables that configure the proxy for programs that do not run on Node.js: clients read either spelling. */
export function proxyVariables(url: string): Record<string, string> {
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    NO_PROXY,
    http_proxy: url,
    https_proxy: url,
    no_proxy: NO_PROXY,
  };
}

/**
 * The HTTP proxy for programs whose connections cannot be redirected, because they do not run on Node.js. It answers
 * requests to emulated services from the emulator, and refuses other requests to AWS, including all TLS connections,
 * for which the emulator has no certificate. Everything else is passed on.
 */
export class ForwardProxy {
  private readonly server: Server;
  private readonly tunnels = new Set<Duplex>();

  /** @param endpointUrl the emulator's URL */
  constructor(private readonly endpointUrl: () => string) {
    this.server = createServer((request, response) => this.forward(request, response));
    this.server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) =>
      this.tunnel(request, client, head),
    );
  }

  /** Listens on 127.0.0.1. Returns the proxy's URL. */
  public async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Closes all connections and stops listening. */
  public async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    for (const connection of this.tunnels) connection.destroy();
    await closed;
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = '' } = request;
    if (!/^http:\/\//i.test(url) || !URL.canParse(url)) {
      return answer(response, 400, 'This is a proxy: a request to it names its target as http://host/path.\n');
    }
    const target = new URL(url);
    const route = routeOf(target.hostname, HOST_NAMES);
    if (route === 'blocked') return answer(response, 403, `Spillway: blocked ${target.hostname}\n`);
    const to = route === 'emulator' ? new URL(this.endpointUrl()) : target;
    const passedOn = send(
      {
        host: to.hostname.replace(/^\[|\]$/g, ''),
        port: to.port || 80,
        path: target.pathname + target.search,
        method,
        headers,
      },
      (from) => {
        response.writeHead(from.statusCode ?? 502, from.headers);
        from.pipe(response);
      },
    );
    passedOn.on('error', (error) => {
      if (response.headersSent) response.destroy();
      else answer(response, 502, `${error.message}\n`);
    });
    response.on('close', () => passedOn.destroy());
    request.pipe(passedOn);
  }

  private tunnel({ url = '' }: IncomingMessage, client: Duplex, head: Buffer): void {
    client.on('error', () => client.destroy());
    const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(url) ?? [];
    if (host === undefined) return void client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    if (isAwsHost(host)) return void client.end(`HTTP/1.1 403 Spillway: blocked ${host}\r\n\r\n`);
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.write(head);
      server.pipe(client).pipe(server);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.tunnels.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.tunnels.delete(one);
        other.destroy();
      });
    }
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end(text);
}
