import type {
  CreateScheduleGroupInput,
  CreateScheduleGroupOutput,
  DeleteScheduleGroupInput,
  GetScheduleGroupInput,
  GetScheduleGroupOutput,
  ListScheduleGroupsInput,
  ListScheduleGroupsOutput,
  ScheduleGroupSummary,
  Tag,
} from '@aws-sdk/client-scheduler';
import type { Clock } from '../../../clock';
import { ModelConstraints } from '../../../core';
import { conflict, groupNotFound, quotaExceeded, validation } from '../errors';
import { LIMITS } from '../limits';
import { byName, listed } from '../listing';
import { checkName } from '../names';
import { DEFAULT_GROUP, ScheduleGroup } from './schedule-group';

const GROUP_ARN = String.raw`arn:aws(-[a-z]+)?:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z-_.]+`;

/** The collaborators of {@link ScheduleGroups}. */
export interface ScheduleGroupsDependencies {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
}

/** The groups of an account and Region. The default one is always there. */
export class ScheduleGroups {
  private readonly groups = new Map<string, ScheduleGroup>();

  constructor(private readonly dependencies: ScheduleGroupsDependencies) {
    this.add(DEFAULT_GROUP);
  }

  public create({ Name = '', Tags = [] }: CreateScheduleGroupInput): CreateScheduleGroupOutput {
    const constraints = new ModelConstraints();
    checkName(constraints, 'name', Name);
    checkTags(constraints, Tags);
    constraints.check('ValidationException');
    if (this.groups.has(Name)) throw conflict(`Schedule group ${Name} already exists.`);
    if (this.groups.size > LIMITS.groups) throw quotaExceeded('The number of schedule groups has reached its quota.');
    const tags = new Map<string, string>();
    putTags(tags, Tags);
    const group = this.add(Name);
    for (const [key, value] of tags) group.tags.set(key, value);
    return { ScheduleGroupArn: group.arn };
  }

  /** Begins the deletion of a group and its schedules, which may run until they are gone. */
  public delete({ Name = '' }: DeleteScheduleGroupInput): void {
    const { clock } = this.dependencies;
    const group = this.named(Name);
    if (Name === DEFAULT_GROUP) throw validation('The default schedule group cannot be deleted.');
    if (group.state === 'DELETING') return;
    group.state = 'DELETING';
    clock.schedule(clock.now() + LIMITS.groupDeletion, () => this.remove(group), 'a schedule group is deleted');
  }

  /** Deletes a group at once, as CloudFormation waits for it. */
  public remove(group: ScheduleGroup): void {
    for (const { pending } of group.schedules.values()) pending?.timer.cancel();
    group.schedules.clear();
    if (this.groups.get(group.name) === group) this.groups.delete(group.name);
  }

  public get({ Name = '' }: GetScheduleGroupInput): GetScheduleGroupOutput {
    return shown(this.named(Name));
  }

  public list(input: ListScheduleGroupsInput): ListScheduleGroupsOutput {
    const { NamePrefix: prefix } = input;
    const { items, nextToken } = listed(this.all(), input, ({ name }) => name.startsWith(prefix ?? ''));
    return { ScheduleGroups: items.map(shown), NextToken: nextToken };
  }

  /** All groups, sorted by name. */
  public all(): ScheduleGroup[] {
    return [...this.groups.values()].sort(byName);
  }

  /** The group of this name; undefined if there is none. */
  public find(name: string): ScheduleGroup | undefined {
    return this.groups.get(name);
  }

  /** @throws AwsError ResourceNotFoundException */
  public named(name: string): ScheduleGroup {
    const group = this.groups.get(name);
    if (group === undefined) throw groupNotFound(name);
    return group;
  }

  /** Adds tags to a group: schedules have none. */
  public tag(arn: string | undefined, tags: readonly Tag[] = []): void {
    const constraints = new ModelConstraints();
    checkTags(constraints, tags);
    putTags(this.byArn(arn, constraints).tags, tags);
  }

  public untag(arn: string | undefined, keys: readonly string[] = []): void {
    const { tags } = this.byArn(arn);
    for (const key of keys) tags.delete(key);
  }

  public tagsOf(arn: string | undefined): Tag[] {
    return [...this.byArn(arn).tags].map(([Key, Value]) => ({ Key, Value }));
  }

  private byArn(arn: string | undefined, constraints = new ModelConstraints()): ScheduleGroup {
    constraints.length('resourceArn', arn, 1, 1_011).pattern('resourceArn', arn, GROUP_ARN);
    constraints.check('ValidationException');
    const name = arn?.slice(arn.lastIndexOf('/') + 1) ?? '';
    const group = this.groups.get(name);
    if (group === undefined || group.arn !== arn) throw groupNotFound(name);
    return group;
  }

  private add(name: string): ScheduleGroup {
    const { clock, region, account } = this.dependencies;
    const group = new ScheduleGroup(name, region, account, clock.now());
    this.groups.set(name, group);
    return group;
  }
}

function checkTags(constraints: ModelConstraints, tags: readonly Tag[]): void {
  constraints.length('tags', tags, 0, 200);
  for (const [index, { Key, Value }] of tags.entries()) {
    constraints.length(`tags.${index + 1}.member.key`, Key, 1, 128);
    constraints.length(`tags.${index + 1}.member.value`, Value, 1, 256);
  }
}

/** Adds all tags or none. */
function putTags(tags: Map<string, string>, added: readonly Tag[]): void {
  if (added.some(({ Key }) => Key?.toLowerCase().startsWith('aws:'))) {
    throw validation('Tag keys starting with aws: are reserved.');
  }
  const keys = new Set([...tags.keys(), ...added.map(({ Key }) => Key)]);
  if (keys.size > LIMITS.tags) throw quotaExceeded(`A schedule group has at most ${LIMITS.tags} tags.`);
  for (const { Key = '', Value = '' } of added) tags.set(Key, Value);
}

function shown({ arn, name, state, createdAt }: ScheduleGroup): ScheduleGroupSummary {
  const created = new Date(createdAt);
  return { Arn: arn, Name: name, State: state, CreationDate: created, LastModificationDate: created };
}
