import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import { HttpListener } from './http-listener';
import type { InstanceMetadata } from './instance-metadata';
import { BrowserGuard, type RequestGuard } from '../core/policy';

// No request to the metadata service has a body.
const MAXIMUM_BODY_BYTES = 1024;

/**
 * Serves one instance's metadata: on a port of its own for an instance that is a process, where EC2 has the address
 * 169.254.169.254 on each instance; or on connections in memory.
 */
export class MetadataEndpoint {
  private readonly listener: HttpListener;

  constructor(metadata: InstanceMetadata, clock: Clock, guard: RequestGuard = new BrowserGuard()) {
    this.listener = new HttpListener({
      clock,
      host: '127.0.0.1',
      guard,
      maximumBodyBytes: MAXIMUM_BODY_BYTES,
      answer: ({ message: { method = 'GET', url = '/', headers }, body }) => {
        if (body === undefined) return { status: 413, headers: {}, body: '' };
        const [path] = url.split('?', 1);
        // Only Set-Cookie, which no request has, comes as a list.
        return metadata.handle({ method, path, headers: headers as Record<string, string | undefined> });
      },
    });
  }

  /** Listens on `port`, by default any free one. Gives the URL: the value for AWS_EC2_METADATA_SERVICE_ENDPOINT. */
  public listen(port = 0): Promise<string> {
    return this.listener.listen(port);
  }

  /** Serves a connection that did not come by a port. */
  public serve(connection: Duplex): void {
    this.listener.serve(connection);
  }

  /** A connection in memory to this service: the client's end. */
  public connect(): Duplex {
    return this.listener.connect();
  }

  /** Ends all connections and stops listening. */
  public close(): Promise<void> {
    return this.listener.close();
  }
}
