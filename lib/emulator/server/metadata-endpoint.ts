import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import { HttpListener } from './http-listener';
import type { InstanceMetadata } from './instance-metadata';
import { BrowserGuard, type RequestGuard } from '../core/policy';

// Requests to the metadata service have no body.
const MAXIMUM_BODY_BYTES = 1024;

/**
 * Serves one instance's metadata. For an instance that is a process it listens on a port of its own, in place of EC2's
 * address 169.254.169.254; otherwise it uses in-memory connections.
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
        // Only Set-Cookie arrives as a list, and requests do not have it.
        return metadata.handle({ method, path, headers: headers as Record<string, string | undefined> });
      },
    });
  }

  /** Listens on `port`, by default any free one. Returns the URL for AWS_EC2_METADATA_SERVICE_ENDPOINT. */
  public listen(port = 0): Promise<string> {
    return this.listener.listen(port);
  }

  /** Serves a connection that did not arrive on a port. */
  public serve(connection: Duplex): void {
    this.listener.serve(connection);
  }

  /** Opens an in-memory connection to this service. Returns the client's end. */
  public connect(): Duplex {
    return this.listener.connect();
  }

  /** Closes all connections and stops listening. */
  public close(): Promise<void> {
    return this.listener.close();
  }
}
