import type { Clock, Random } from '../../../clock';
import { formatArn, ModelConstraints, roleId, userId } from '../../../core';
import { alreadyExists, noSuchEntity, validation } from '../errors';
import { isAwsManaged } from './aws-managed-policies';
import type { Group, IamEntity, InstanceProfile, ManagedPolicy, Role, User } from './entities';

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_LENGTH = 17;

/** The IAM objects of an account, which all its Regions share. Names differ by more than their case. */
export class IamAccount {
  public readonly roles = new Names<Role>('role', 64);
  public readonly users = new Names<User>('user', 64);
  public readonly groups = new Names<Group>('group', 128);
  public readonly profiles = new Names<InstanceProfile>('instanceProfile', 128);
  /** By ARN. */
  public readonly policies = new Map<string, ManagedPolicy>();

  constructor(
    public readonly clock: Pick<Clock, 'now'>,
    private readonly random: Random,
    public readonly account: string,
  ) {}

  /** A new unique id, such as `ANPA…`. Those of roles and users follow from their names, as STS tells them too. */
  public newId(prefix: string): string {
    const letters = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[this.random.integer(0, ID_LETTERS.length - 1)]);
    return prefix + letters.join('');
  }

  /** A secret of an access key. */
  public newSecret(): string {
    return Buffer.from(this.random.hex(60), 'hex').toString('base64').replaceAll('+', 'a').slice(0, 40);
  }

  public arn(resource: string): string {
    return formatArn('iam', '', this.account, resource);
  }

  /** What roles, users and groups begin with. */
  public entity<Kind extends IamEntity['kind']>(
    kind: Kind,
    name: string,
    path = '/',
  ): IamEntity & { readonly kind: Kind } {
    const arn = this.arn(`${kind}${path}${name}`);
    const id = { role: () => roleId(this.account, name), user: () => userId(arn), group: () => this.newId('AGPA') }[
      kind
    ]();
    return {
      kind,
      name,
      path,
      id,
      arn,
      createdAt: this.clock.now(),
      inline: new Map(),
      attached: new Set(),
      tags: new Map(),
    };
  }

  /** All roles, users and groups. */
  public get entities(): IamEntity[] {
    return [...this.roles.all, ...this.users.all, ...this.groups.all];
  }

  /** Throws unless there is such a managed policy, of the account or of AWS. */
  public checkPolicy(arn: string): void {
    if (this.policies.has(arn) || isAwsManaged(arn)) return;
    throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  }

  /** To how many roles, users and groups a policy is attached. */
  public attachments(arn: string): IamEntity[] {
    return this.entities.filter(({ attached }) => attached.has(arn));
  }
}

const TITLES: Readonly<Record<string, readonly [existing: string, missing: string]>> = {
  role: ['Role with name', 'The role with name'],
  user: ['User with name', 'The user with name'],
  group: ['Group with name', 'The group with name'],
  instanceProfile: ['Instance Profile', 'Instance Profile'],
};

/** Things of one kind, by name. */
export class Names<T extends { readonly name: string }> {
  private readonly byName = new Map<string, T>();

  constructor(
    private readonly kind: string,
    private readonly longest: number,
  ) {}

  /** In the order of their names. */
  public get all(): T[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  public has(name: string): boolean {
    return this.byName.has(name.toLowerCase());
  }

  public find(name = ''): T {
    const found = this.byName.get(name.toLowerCase());
    if (found === undefined) throw noSuchEntity(`${TITLES[this.kind][1]} ${name} cannot be found.`);
    return found;
  }

  /** Throws if there cannot be another one of this name. */
  public check(name: string, path: string | undefined): void {
    const member = `${this.kind}Name`;
    new ModelConstraints().length(member, name, 1, this.longest).length('path', path, 1, 512).check('ValidationError');
    if (!/^[\w+=,.@-]+$/.test(name)) {
      throw validation(
        `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
      );
    }
    if (path !== undefined && !/^\/([\u0021-\u007f]+\/)?$/.test(path)) {
      throw validation(
        'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters ' +
          'and/or / characters.',
      );
    }
    if (this.has(name)) throw alreadyExists(`${TITLES[this.kind][0]} ${name} already exists.`);
  }

  public add(thing: T): T {
    this.byName.set(thing.name.toLowerCase(), thing);
    return thing;
  }

  public remove({ name }: T): void {
    this.byName.delete(name.toLowerCase());
  }
}
