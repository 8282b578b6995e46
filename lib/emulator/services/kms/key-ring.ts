import type { Clock, Random } from '../../clock';
import { formatArn, parseArn } from '../../core';
import { aliasExists, aliasNotFound, invalidArnRegion, invalidKeyId, keyDoesNotExist } from './errors';
import { Key, type KeyDefinition } from './key';
import { SYMMETRIC } from './key-spec';
import { defaultPolicy } from './policy';

/** An alias of a key. Times are in milliseconds since the epoch. */
export interface Alias {
  readonly name: string;
  readonly keyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The collaborators of {@link KeyRing}. */
export interface KeyRingDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  /** The keys of another account in the same Region, if there are any. */
  readonly elsewhere: (account: string) => KeyRing | undefined;
}

// The services for which AWS creates a managed key on first use, and the descriptions of those keys.
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

/** The keys and aliases of an account in a Region. */
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

  /** Removes a key and its aliases. */
  public remove(key: Key): void {
    this.keys.delete(key.id);
    for (const { name, keyId } of this.aliases.values()) if (keyId === key.id) this.aliases.delete(name);
  }

  /** All keys, sorted by id. */
  public all(): Key[] {
    return [...this.keys.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /**
   * Finds a key of this account by its id or ARN.
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
   * Finds a key by id, key ARN, alias or alias ARN; an ARN may belong to another account in this Region. Naming the
   * alias of an AWS managed key creates that key.
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

  /** All aliases, sorted by name. */
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
