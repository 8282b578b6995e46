import { createHash } from 'node:crypto';
import { HOUR, SECOND, type Clock, type Random } from '../clock';
import { MetadataTree } from './metadata-tree';

/** The facts about an instance that its metadata service serves. */
export interface InstanceFacts {
  readonly instanceId: string;
  readonly imageId?: string;
  readonly instanceType?: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  /** The lifecycle state that the group wants the instance in. The worker on it polls this to learn when to drain. */
  readonly targetLifecycleState?: string;
  readonly isSpot?: boolean;
  /** When EC2 interrupts the instance, in milliseconds since the epoch; undefined until the notice. */
  readonly interruptedAt?: number;
  /** When EC2 recommended to rebalance; undefined until it does. */
  readonly rebalanceRecommendedAt?: number;
}

/** Credentials from the metadata service. */
export interface InstanceCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The role of an instance. */
export interface InstanceRole {
  readonly name: string;
  /** The name of the instance profile with this role. */
  readonly profile: string;
  /** Returns new credentials, valid until `expiresAt`, in emulated milliseconds since the epoch. */
  credentials(expiresAt: number): InstanceCredentials;
}

/** Options of an {@link InstanceMetadata}. */
export interface InstanceMetadataOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  /** Returns the instance's current state, at each request; undefined once it is gone. */
  readonly instance: () => InstanceFacts | undefined;
  /**
   * The role of the instance.
   * @default - none: there are no credentials and no `iam` folder
   */
  readonly role?: InstanceRole;
}

/** A request to the metadata service. */
export interface MetadataRequest {
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** The metadata service's response. */
export interface MetadataResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TOKEN_PATH = '/latest/api/token';
const LONGEST_TOKEN_LIFE = 6 * HOUR;
const CREDENTIALS_LIFE = 6 * HOUR;

/**
 * EC2's instance metadata service, version 2 only: a token is required. What it says about the instance is always
 * current.
 */
export class InstanceMetadata {
  private readonly tokens = new Map<string, number>();
  private readonly launchedAt: number;
  private current?: { readonly rotatedAt: number; readonly credentials: InstanceCredentials };

  constructor(private readonly options: InstanceMetadataOptions) {
    this.launchedAt = options.clock.now();
  }

  public handle({ method, path, headers }: MetadataRequest): MetadataResponse {
    if (path === TOKEN_PATH) return this.issueToken(method, headers);
    if (method !== 'GET' && method !== 'HEAD') return failure(405, 'Method Not Allowed', { Allow: 'GET, HEAD' });
    if (!this.isValid(headers['x-aws-ec2-metadata-token'])) return failure(401, 'Unauthorized');
    const instance = this.options.instance();
    const body = instance === undefined ? undefined : this.tree(instance).at(path);
    if (body === undefined) return failure(404, 'Not Found');
    const isDocument = body.startsWith('{');
    return { status: 200, headers: { 'Content-Type': isDocument ? 'application/json' : 'text/plain' }, body };
  }

  private issueToken(method: string, headers: MetadataRequest['headers']): MetadataResponse {
    if (method !== 'PUT') return failure(405, 'Method Not Allowed', { Allow: 'PUT' });
    // A request with this header came through a proxy, not from the instance.
    if (headers['x-forwarded-for'] !== undefined) return failure(403, 'Forbidden');
    const header = headers['x-aws-ec2-metadata-token-ttl-seconds'] ?? '';
    const seconds = /^\d{1,5}$/.test(header) ? Number(header) : 0;
    if (seconds < 1 || seconds * SECOND > LONGEST_TOKEN_LIFE) return failure(400, 'Bad Request');
    const now = this.options.clock.now();
    for (const [token, expires] of this.tokens) if (expires <= now) this.tokens.delete(token);
    const token = Buffer.from(this.options.random.hex(80), 'hex').toString('base64url');
    this.tokens.set(token, now + seconds * SECOND);
    return {
      status: 200,
      headers: { 'Content-Type': 'text/plain', 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': String(seconds) },
      body: token,
    };
  }

  private isValid(token: string | undefined): boolean {
    const expires = token === undefined ? undefined : this.tokens.get(token);
    return expires !== undefined && this.options.clock.now() < expires;
  }

  private tree(instance: InstanceFacts): MetadataTree {
    const { region, role } = this.options;
    const { privateIp, targetLifecycleState, interruptedAt, rebalanceRecommendedAt } = instance;
    const hostname = `ip-${privateIp.replaceAll('.', '-')}.${region === 'us-east-1' ? 'ec2' : `${region}.compute`}.internal`;
    return new MetadataTree({
      'meta-data/ami-id': instance.imageId,
      'meta-data/autoscaling/target-lifecycle-state': targetLifecycleState,
      // This entry and those below spot/ do not exist until EC2 sends a notice.
      'meta-data/events/recommendations/rebalance':
        rebalanceRecommendedAt === undefined
          ? undefined
          : JSON.stringify({ noticeTime: timestamp(rebalanceRecommendedAt) }),
      'meta-data/hostname': hostname,
      'meta-data/iam/info': role && (() => this.profile(role.profile)),
      [`meta-data/iam/security-credentials/${role?.name}`]: role && (() => this.credentials(role)),
      'meta-data/instance-id': instance.instanceId,
      'meta-data/instance-life-cycle': instance.isSpot ? 'spot' : 'on-demand',
      'meta-data/instance-type': instance.instanceType,
      'meta-data/local-hostname': hostname,
      'meta-data/local-ipv4': privateIp,
      'meta-data/mac': macAddress(instance.instanceId),
      'meta-data/placement/availability-zone': instance.availabilityZone,
      'meta-data/placement/region': region,
      'meta-data/services/domain': 'amazonaws.com',
      'meta-data/services/partition': 'aws',
      'meta-data/spot/instance-action':
        interruptedAt === undefined
          ? undefined
          : JSON.stringify({ action: 'terminate', time: timestamp(interruptedAt) }),
      'meta-data/spot/termination-time': interruptedAt === undefined ? undefined : timestamp(interruptedAt),
      'dynamic/instance-identity/document': () => this.identity(instance),
    });
  }

  private profile(name: string): string {
    return document({
      Code: 'Success',
      LastUpdated: timestamp(this.rotatedAt()),
      InstanceProfileArn: `arn:aws:iam::${this.options.account}:instance-profile/${name}`,
      InstanceProfileId: `AIPA${digest(`${this.options.account}/${name}`, 17)}`,
    });
  }

  private credentials(role: InstanceRole): string {
    const rotatedAt = this.rotatedAt();
    const expiresAt = rotatedAt + CREDENTIALS_LIFE;
    if (this.current?.rotatedAt !== rotatedAt) {
      this.current = { rotatedAt, credentials: role.credentials(expiresAt) };
    }
    const { accessKeyId, secretAccessKey, sessionToken } = this.current.credentials;
    return document({
      Code: 'Success',
      LastUpdated: timestamp(rotatedAt),
      Type: 'AWS-HMAC',
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: timestamp(expiresAt),
    });
  }

  private identity(instance: InstanceFacts): string {
    return document({
      accountId: this.options.account,
      architecture: 'x86_64',
      availabilityZone: instance.availabilityZone,
      billingProducts: null,
      devpayProductCodes: null,
      marketplaceProductCodes: null,
      imageId: instance.imageId ?? null,
      instanceId: instance.instanceId,
      instanceType: instance.instanceType ?? null,
      kernelId: null,
      pendingTime: timestamp(this.launchedAt),
      privateIp: instance.privateIp,
      ramdiskId: null,
      region: this.options.region,
      version: '2017-09-30',
    });
  }

  // Credentials are replaced hourly, long before they expire.
  private rotatedAt(): number {
    const now = this.options.clock.now();
    return now - ((now - this.launchedAt) % HOUR);
  }
}

function failure(status: number, reason: string, headers: Record<string, string> = {}): MetadataResponse {
  return { status, headers: { 'Content-Type': 'text/plain', ...headers }, body: `${status} - ${reason}\n` };
}

function document(content: Readonly<Record<string, string | null>>): string {
  return JSON.stringify(content, undefined, 2);
}

function timestamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length).toUpperCase();
}

// A locally administered address, always the same for an instance.
function macAddress(instanceId: string): string {
  const pairs = digest(instanceId, 10).toLowerCase().match(/../g) ?? [];
  return ['0a', ...pairs].join(':');
}
