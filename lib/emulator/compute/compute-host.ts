import type { Duplex } from 'node:stream';

/** What handlers and workers find around them. The composition of the emulator provides it. */
export interface ComputeHost {
  readonly region: string;
  readonly account: string;

  /** The base URL of the emulated AWS, such as `http://127.0.0.1:4566`: what `AWS_ENDPOINT_URL` is set to. */
  endpointUrl(): string;

  /**
   * The URL of the proxy for programs that are not for Node.js, which keeps them from AWS.
   * @default - there is none
   */
  readonly proxyUrl?: () => string | undefined;

  /** Credentials of a session of a role of this account's: the role's ARN or its name. They do not expire. */
  credentials(role: string, sessionName: string): RoleCredentials;

  /** Opens the metadata service of an instance. */
  openMetadata(instanceId: string): Promise<MetadataService>;

  /**
   * A connection to the endpoint or to a metadata service that needs no socket. Code that runs in this process has no
   * other way out, so where this is missing, so is its network.
   * @throws Error when nothing listens at that host and port
   */
  connect?(host: string, port: number): Duplex;

  /** Takes a line that a handler or a worker has written. */
  log(line: LogLine): void;
}

/** Credentials as a handler finds them. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** An instance's metadata service, reachable for as long as the instance lives. */
export interface MetadataService {
  /** Its base URL, without a path: what `AWS_EC2_METADATA_SERVICE_ENDPOINT` is set to. */
  readonly url: string;
  close(): Promise<void>;
}

/** One line of output. */
export interface LogLine {
  /** Who wrote it: the name of a function, or the id of an instance. */
  readonly source: string;
  readonly stream: 'stdout' | 'stderr';
  /** The line, without its end. */
  readonly text: string;
  /** When, in emulated milliseconds since the epoch. */
  readonly at: number;
}
