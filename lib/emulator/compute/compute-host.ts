import type { Duplex } from 'node:stream';

/** What handlers and workers run on: endpoints, credentials, metadata and logs. */
export interface ComputeHost {
  readonly region: string;
  readonly account: string;

  /** The base URL of the emulated AWS, such as `http://127.0.0.1:4566`: the value of `AWS_ENDPOINT_URL`. */
  endpointUrl(): string;

  /**
   * The URL of the proxy that keeps programs that do not run on Node.js from AWS.
   * @default - no proxy
   */
  readonly proxyUrl?: () => string | undefined;

  /** Returns the credentials of a session of one of this account's roles, by ARN or name. They do not expire. */
  credentials(role: string, sessionName: string): RoleCredentials;

  /** Opens an instance's metadata service. */
  openMetadata(instanceId: string): Promise<MetadataService>;

  /**
   * Connects to the endpoint or a metadata service without a socket. Code in this process has no other network, so if
   * this is missing, it has none.
   * @throws Error if nothing listens at this host and port
   */
  connect?(host: string, port: number): Duplex;

  /** Receives a line that a handler or worker logged. */
  log(line: LogLine): void;

  /**
   * Stores an event in CloudWatch Logs.
   * @default - events are not stored
   */
  store?(event: LogEvent): void;
}

/** An event for CloudWatch Logs. */
export interface LogEvent {
  readonly logGroup: string;
  readonly logStream: string;
  readonly message: string;
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
}

/** Temporary credentials of a handler or worker. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** An instance's metadata service, available while the instance lives. */
export interface MetadataService {
  /** The base URL, without a path: the value of `AWS_EC2_METADATA_SERVICE_ENDPOINT`. */
  readonly url: string;
  close(): Promise<void>;
}

/** One line of output. */
export interface LogLine {
  /** The function's name or the instance's id. */
  readonly source: string;
  /**
   * The name of the instance's Auto Scaling group.
   * @default - it is a line of a function
   */
  readonly group?: string;
  readonly stream: 'stdout' | 'stderr';
  /** The line without its line ending. */
  readonly text: string;
  /** The time, in emulated milliseconds since the epoch. */
  readonly at: number;
}
