import type { Duplex } from 'node:stream';
import type { RequestGuard } from '../core/policy';
import { assumedRole } from '../core';
import type { Clock, Random } from '../clock';
import type { LogEvent, LogLine, MetadataService, RoleCredentials, ComputeHost } from '../compute';
import { InstanceMetadata, type InstanceFacts, type InstanceRole, MetadataEndpoint } from '../server';
import type { SessionIssuer } from '../services/sts';

/** The range of the ports that tell in-memory connections apart. */
const FIRST_PORT = 49_152;
const LAST_PORT = 65_535;

/** Options of a {@link RegionComputeHost}. */
export interface RegionComputeHostOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  /** Whether the metadata services listen on ports; otherwise they use in-memory connections. */
  readonly ports: boolean;
  readonly endpointUrl: () => string;
  /**
   * The URL of the proxy for programs that do not run on Node.js.
   * @default - no proxy
   */
  readonly proxyUrl?: () => string | undefined;
  /** Decides which requests the metadata services answer. */
  readonly guard: RequestGuard;
  /** Opens an in-memory connection to the emulator's endpoint. */
  readonly connect: () => Duplex;
  readonly instance: (instanceId: string) => (InstanceFacts & InstanceOrigin) | undefined;
  readonly log: (line: LogLine) => void;
  /** Stores an event in CloudWatch Logs. */
  readonly store: (event: LogEvent) => void;
  /** Returns the name of an instance profile's role; undefined if the profile is unknown. */
  readonly roleOf: (profile: string) => string | undefined;
  /** The source of the handlers' and workers' credentials. */
  readonly sessions: SessionIssuer;
}

/** Where an instance comes from. */
interface InstanceOrigin {
  readonly groupName?: string;
  readonly iamInstanceProfile?: string;
}

/** What a Region's handlers and workers run on. */
export class RegionComputeHost implements ComputeHost {
  public readonly account: string;
  public readonly region: string;
  /** Absent if handlers and workers are processes: these use the machine's network. */
  public readonly connect?: (host: string, port: number) => Duplex;
  private readonly metadata = new Map<string, MetadataEndpoint>();
  private lastPort = FIRST_PORT;

  constructor(private readonly options: RegionComputeHostOptions) {
    this.account = options.account;
    this.region = options.region;
    if (!options.ports) this.connect = (host, port) => this.connectInMemory(`http://${host}:${port}`);
  }

  public endpointUrl(): string {
    return this.options.endpointUrl();
  }

  public proxyUrl(): string | undefined {
    return this.options.proxyUrl?.();
  }

  /** A worker's line is stored too, as there is no agent on its instance that would send it. */
  public log(line: LogLine): void {
    const { log, store, instance } = this.options;
    const group = instance(line.source)?.groupName;
    if (group === undefined) return log(line);
    log({ ...line, group });
    const { source: logStream, text, at } = line;
    store({ logGroup: `/spillway/${group}`, logStream, message: `${text}\n`, at });
  }

  public store(event: LogEvent): void {
    this.options.store(event);
  }

  public credentials(role: string, sessionName: string, expiresAt?: number): RoleCredentials {
    const { account, sessions } = this.options;
    return sessions.issue({ account, principal: assumedRole(account, role, sessionName) }, expiresAt);
  }

  public async openMetadata(instanceId: string): Promise<MetadataService> {
    const { clock, random, account, region, ports, guard } = this.options;
    const instance = () => this.options.instance(instanceId);
    const profile = this.profileOf(instanceId);
    const metadata = new InstanceMetadata({
      clock,
      random: random.fork(`metadata/${instanceId}`),
      account,
      region,
      instance,
      role: profile === undefined ? undefined : this.instanceRole(instanceId, profile),
    });
    const endpoint = new MetadataEndpoint(metadata, clock, guard);
    const url = ports ? await endpoint.listen() : this.freeUrl();
    this.metadata.set(url, endpoint);
    return {
      url,
      close: async () => {
        this.metadata.delete(url);
        await endpoint.close();
      },
    };
  }

  /** The name of an instance's role; undefined if it has none. */
  public roleOf(instanceId: string): string | undefined {
    const profile = this.profileOf(instanceId);
    // A profile that no stack created stands for a role of the same name.
    return profile && (this.options.roleOf(profile) ?? profile);
  }

  private profileOf(instanceId: string): string | undefined {
    return this.options.instance(instanceId)?.iamInstanceProfile?.split('/').at(-1);
  }

  private instanceRole(instanceId: string, profile: string): InstanceRole {
    const name = this.roleOf(instanceId) ?? profile;
    return { name, profile, credentials: (expiresAt) => this.credentials(name, instanceId, expiresAt) };
  }

  public async close(): Promise<void> {
    await Promise.all([...this.metadata.values()].map((endpoint) => endpoint.close()));
    this.metadata.clear();
  }

  /** Returns an address that no metadata service uses; addresses are reused. */
  private freeUrl(): string {
    let url: string;
    do {
      this.lastPort = this.lastPort < LAST_PORT ? this.lastPort + 1 : FIRST_PORT;
      url = `http://127.0.0.1:${this.lastPort}`;
    } while (this.metadata.has(url));
    return url;
  }

  private connectInMemory(url: string): Duplex {
    if (url === this.endpointUrl()) return this.options.connect();
    const metadata = this.metadata.get(url);
    if (metadata === undefined) {
      throw Object.assign(new Error(`connect ECONNREFUSED: nothing is emulated at ${url}`), { code: 'ECONNREFUSED' });
    }
    return metadata.connect();
  }
}
