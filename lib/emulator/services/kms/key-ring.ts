import type { Clock, Random } from '../../clock';
import { formatArn, parseArn } from '../../core';
import { aliasExists, aliasNotFound, invalidArnRegion, invalidKeyId, keyDoesNotExist } from './errors';
import { Key, type KeyDefinition } from './key';
import { SYMMETRIC } from './key-spec';
import { defaultPolicy } from './policy';

/** A friendly name of a key. Times are in milliseconds since the epoch. */
export interface Alias {
  readonly name: string;
  readonly keyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a {@link KeyRing} needs. */
export interface KeyRingDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  /** The keys of another account in the same region, where there are any. */
  readonly elsewhere: (account: string) => KeyRing | undefined;
}

// Services for which AWS makes a key in the account when it is first named, and what it says of it.
const AWS_MANAGED: ReadonlyMap<string, string> = new Map(
  [
    ['dynamodb', 'DynamoDB tables'],
    ['ebs', 'EBS volumes'],
    ['kinesis', 'Kinesis data'],
    ['lambda', 'Lambda functions'],
    ['s3', 'S3 objects'],
    ['secretsmanager', 'Secrets Manager data'],
    ['sns', 'SNS data'],
    ['sqs', 'SQS messages'],
    ['ssm', 'SSM parameters'],
  ].map(([service, what]) => [
    `alias/aws/${service}`,
    `Default key that protects my ${what} when no other key is defined`,
  ]),
);

const KEY_ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

/** The keys of one account in one region, and the names that they go by. */
export class KeyRing {
  private readonly keys = new Map<string, Key>();
  private readonly aliases = new Map<string, Alias>();

  constructor(private readonly dependencies: KeyRingDependencies) {}

  public add(definition: Omit<KeyDefinition, 'id' | 'account' | 'region'>): Key {
    const { clock, random, account, region } = this.dependencies;
    const id = definition.multiRegion ? `mrk-${random.hex(32)}` : random.uuid();
    const key = new Key({ ...definition, id, account, region }, clock, random.fork(id));
    this.keys.set(id, key);
    return key;
  }

  /** Takes a key away, and its aliases with it. */
  public remove(key: Key): void {
    this.keys.delete(key.id);
    for (const { name, keyId } of this.aliases.values()) if (keyId === key.id) this.aliases.delete(name);
  }

  /** All keys, in the order of their ids. */
  public all(): Key[] {
    return [...this.keys.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /**
   * The key of an id or a key ARN, in this account.
   * @throws AwsError NotFoundException
   */
  public own(keyId: string): Key {
    const arn = parseArn(keyId);
    if (arn !== undefined) {
      const { account, region } = this.dependencies;
      if (arn.service !== 'kms' || arn.region !== region) throw invalidArnRegion(arn.region);
      if (arn.account !== account) throw keyDoesNotExist(keyId);
      if (!arn.resource.startsWith('key/')) throw invalidKeyId(keyId);
      return this.own(arn.resource.slice('key/'.length));
    }
    if (!KEY_ID.test(keyId)) throw invalidKeyId(keyId);
    const key = this.keys.get(keyId);
    if (key === undefined) throw keyDoesNotExist(this.arnOf(`key/${keyId}`));
    return key;
  }

  /**
   * The key of an id, a key ARN, an alias or an alias ARN; an ARN may be of another account in this region. Naming the
   * alias of a key that AWS manages makes the key.
   * @throws AwsError NotFoundException
   */
  public find(name: string): Key {
    const arn = parseArn(name);
    if (arn === undefined) return name.startsWith('alias/') ? this.byAlias(name) : this.own(name);
    const { account, region, elsewhere } = this.dependencies;
    if (arn.service !== 'kms' || arn.region !== region) throw invalidArnRegion(arn.region);
    const { resource } = arn;
    if (arn.account !== account) {
      const key = elsewhere(arn.account)?.find(resource.replace(/^key\//, ''));
      if (key === undefined) throw keyDoesNotExist(name);
      return key;
    }
    return resource.startsWith('alias/') ? this.byAlias(resource) : this.own(name);
  }

  public arnOf(resource: string): string {
    return formatArn('kms', this.dependencies.region, this.dependencies.account, resource);
  }

  /** The aliases, in the order of their names. */
  public allAliases(): Alias[] {
    return [...this.aliases.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  public addAlias(name: string, key: Key): void {
    if (this.aliases.has(name)) throw aliasExists(this.arnOf(name));
    const now = this.dependencies.clock.now();
    this.aliases.set(name, { name, keyId: key.id, createdAt: now, updatedAt: now });
  }

  public moveAlias(name: string, key: Key): void {
    this.aliases.set(name, { ...this.alias(name), keyId: key.id, updatedAt: this.dependencies.clock.now() });
  }

  public removeAlias(name: string): void {
    this.aliases.delete(this.alias(name).name);
  }

  /** @throws AwsError NotFoundException */
  public alias(name: string): Alias {
    const alias = this.aliases.get(name);
    if (alias === undefined) throw aliasNotFound(this.arnOf(name));
    return alias;
  }

  private byAlias(name: string): Key {
    if (!this.aliases.has(name)) this.addManagedByAws(name);
    return this.own(this.alias(name).keyId);
  }

  private addManagedByAws(alias: string): void {
    const description = AWS_MANAGED.get(alias);
    if (description === undefined) return;
    const policy = defaultPolicy(this.dependencies.account);
    const key = this.add({
      kind: SYMMETRIC,
      manager: 'AWS',
      origin: 'AWS_KMS',
      multiRegion: false,
      description,
      policy,
    });
    this.addAlias(alias, key);
  }
}
