import { Agent, request as httpRequest } from 'node:http';
import { HttpRequest } from '@smithy/core/protocols';
import type { Emulator } from '../../lib/emulator';

/** A request byte for byte, as no SDK would send it. */
export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The host and port addressed, where they are not the endpoint's own. */
  readonly host?: string;
}

export interface RawReply {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** One of the two ways into an emulator. */
export interface Transport {
  readonly endpoint: string;
  exchange(request: RawRequest): Promise<RawReply>;
  close(): void;
}

/** HTTP to a port on this machine. */
export async function overPort(emulator: Emulator): Promise<Transport> {
  const endpoint = await emulator.listen(0);
  const { hostname, port } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  return {
    endpoint,
    exchange: ({ method = 'POST', path = '/', query = '', headers = {}, body = '', host }) =>
      new Promise((resolve, reject) => {
        const target = query === '' ? path : `${path}?${query}`;
        const addressed = host === undefined ? {} : { host };
        const options = { agent, hostname, port, method, path: target, headers: { ...headers, ...addressed } };
        const request = httpRequest(options, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers as Record<string, string | undefined>,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        });
        request.on('error', reject);
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** The `requestHandler` that an SDK client is given, without a socket. */
export function inProcess(emulator: Emulator): Promise<Transport> {
  const { endpoint, requestHandler } = emulator.clientConfig();
  if (requestHandler === undefined) throw new Error('an emulator that listens on a port hands out no requestHandler');
  return Promise.resolve({
    endpoint,
    exchange: async ({ method = 'POST', path = '/', query = '', headers = {}, body = '', host }: RawRequest) => {
      const { protocol, hostname, port } = new URL(host === undefined ? endpoint : `http://${host}`);
      const request = new HttpRequest({
        method,
        protocol,
        hostname,
        port: port === '' ? undefined : Number(port),
        path,
        query: Object.fromEntries(new URLSearchParams(query)),
        headers: { ...headers },
        body,
      });
      const { response } = await requestHandler.handle(request);
      const text = Buffer.from(response.body as Uint8Array).toString();
      return { status: response.statusCode, headers: response.headers, text };
    },
    close: () => undefined,
  });
}
