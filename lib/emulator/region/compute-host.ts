import type { Duplex } from 'node:stream';
import type { RequestGuard } from '../core/policy';
import { assumedRole } from '../core';
import type { Clock, Random } from '../clock';
import type { LogLine, MetadataService, RoleCredentials, ComputeHost } from '../compute';
import { InstanceMetadata, type InstanceFacts, type InstanceRole, MetadataEndpoint } from '../server';
import type { SessionIssuer } from '../services/sts';

/** Between which the ports are that connections in memory are told apart by. */
const FIRST_PORT = 49_152;
const LAST_PORT = 65_535;

/** What {@link RegionComputeHost} are made of. */
export interface RegionComputeHostOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  /** Whether the metadata services get ports; else they are reached by connections in memory. */
  readonly ports: boolean;
  readonly endpointUrl: () => string;
  /**
   * The URL of the proxy for programs that are not for Node.js.
   * @default - there is none
   */
  readonly proxyUrl?: () => string | undefined;
  /** Decides which requests the metadata services answer. */
  readonly guard: RequestGuard;
  /** A connection in memory to the emulator's endpoint. */
  readonly connect: () => Duplex;
  readonly instance: (instanceId: string) => (InstanceFacts & { readonly iamInstanceProfile?: string }) | undefined;
  readonly log: (line: LogLine) => void;
  /** The role of an instance profile, both by name; undefined where it is not known. */
  readonly roleOf: (profile: string) => string | undefined;
  /** Where the credentials of handlers and workers come from. */
  readonly sessions: SessionIssuer;
}

/** What the handlers and workers of one region find around them. */
export class RegionComputeHost implements ComputeHost {
  public readonly account: string;
  public readonly region: string;
  /** Absent where handlers and workers are processes: those have the machine's network. */
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

  public log(line: LogLine): void {
    this.options.log(line);
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

  /** The name of the role in whose name an instance calls; undefined where it has none. */
  public roleOf(instanceId: string): string | undefined {
    const profile = this.profileOf(instanceId);
    // One that no stack made goes by the name of its profile.
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

  /** An address that no metadata service has: of those that are gone they can be had again. */
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
