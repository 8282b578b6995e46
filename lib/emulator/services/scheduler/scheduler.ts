import type {
  CreateScheduleGroupInput,
  CreateScheduleGroupOutput,
  CreateScheduleInput,
  CreateScheduleOutput,
  DeleteScheduleGroupInput,
  DeleteScheduleInput,
  GetScheduleGroupInput,
  GetScheduleGroupOutput,
  GetScheduleInput,
  GetScheduleOutput,
  ListScheduleGroupsInput,
  ListScheduleGroupsOutput,
  ListSchedulesInput,
  ListSchedulesOutput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  TagResourceInput,
  UntagResourceInput,
  UpdateScheduleInput,
  UpdateScheduleOutput,
} from '@aws-sdk/client-scheduler';
import { type Clock, MINUTE, type Random } from '../../clock';
import { type Deliver, type MetricDatum, ModelConstraints, type RequestContext, type RetryBackoff } from '../../core';
import type { Timeline } from '../../timeline';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { ClientTokens } from './client-tokens';
import { Runs } from './delivery/runs';
import { universalAction } from './delivery/universal-action';
import { conflict, groupNotFound, roleNotAssumable, scheduleNotFound } from './errors';
import { DEFAULT_GROUP } from './groups/schedule-group';
import { ScheduleGroups } from './groups/schedule-groups';
import { byName, listed } from './listing';
import { SchedulerMetrics } from './metrics';
import { checkName } from './names';
import type { RoleTrust, UniversalTargets } from './ports';
import { described, summarized } from './schedules/descriptions';
import { Schedule, type ScheduleSettings, type ScheduleTarget } from './schedules/schedule';
import { readScheduleSettings } from './schedules/schedule-settings';
import { notEmulated } from './schedules/target-checks';

/** The collaborators and settings of {@link Scheduler}. */
export interface SchedulerDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly backoff?: RetryBackoff;
  readonly deliver: Deliver;
  readonly universalTargets: UniversalTargets;
  readonly roleTrust: RoleTrust;
}

type ScheduleReference = Pick<GetScheduleInput, 'Name' | 'GroupName'>;

/** Amazon EventBridge Scheduler in one account and Region. */
export class Scheduler implements ServiceInstance {
  private readonly groups: ScheduleGroups;
  private readonly runs: Runs;
  private readonly metrics = new SchedulerMetrics();
  private readonly tokens: ClientTokens;
  private readonly windows: Random;

  constructor(private readonly dependencies: SchedulerDependencies) {
    const { backoff = {}, clock, random } = dependencies;
    this.groups = new ScheduleGroups(dependencies);
    this.runs = new Runs({ ...dependencies, backoff, metrics: this.metrics });
    this.tokens = new ClientTokens(clock);
    this.windows = random.fork('windows');
  }

  public createSchedule(input: CreateScheduleInput, _context: RequestContext): CreateScheduleOutput {
    return this.tokens.once('CreateSchedule', input, () => {
      const { clock, region, account } = this.dependencies;
      const { Name = '', GroupName = DEFAULT_GROUP } = input;
      const settings = this.settingsOf(input);
      const group = this.groups.named(GroupName);
      if (group.schedules.has(Name)) throw conflict(`Schedule ${Name} already exists.`);
      if (group.state === 'DELETING') throw conflict(`Schedule group ${GroupName} is being deleted.`);
      const schedule = new Schedule(Name, GroupName, region, account, clock.now(), settings);
      group.schedules.set(Name, schedule);
      this.scheduleNext(schedule, clock.now());
      return { ScheduleArn: schedule.arn };
    });
  }

  /** Replaces all settings. */
  public updateSchedule(input: UpdateScheduleInput, _context: RequestContext): UpdateScheduleOutput {
    return this.tokens.once('UpdateSchedule', input, () => {
      const { clock } = this.dependencies;
      const settings = this.settingsOf(input);
      const schedule = this.find(input);
      schedule.settings = settings;
      schedule.modifiedAt = clock.now();
      this.scheduleNext(schedule, clock.now());
      return { ScheduleArn: schedule.arn };
    });
  }

  public deleteSchedule(input: DeleteScheduleInput, _context: RequestContext): object {
    return this.tokens.once('DeleteSchedule', input, () => {
      this.remove(this.find(input));
      return {};
    });
  }

  public getSchedule(input: GetScheduleInput, _context: RequestContext): GetScheduleOutput {
    return described(this.find(input));
  }

  public listSchedules(input: ListSchedulesInput, _context: RequestContext): ListSchedulesOutput {
    const { GroupName, NamePrefix: prefix = '', State } = input;
    const constraints = new ModelConstraints();
    checkName(constraints, 'groupName', GroupName);
    constraints.oneOf('state', State, ['ENABLED', 'DISABLED']).check('ValidationException');
    const groups = GroupName === undefined ? this.groups.all() : [this.groups.named(GroupName)];
    const all = groups.flatMap(({ schedules }) => [...schedules.values()].sort(byName));
    const { items, nextToken } = listed(
      all,
      input,
      ({ name, settings }) => name.startsWith(prefix) && (State === undefined || settings.state === State),
    );
    return { Schedules: items.map(summarized), NextToken: nextToken };
  }

  public createScheduleGroup(input: CreateScheduleGroupInput, _context: RequestContext): CreateScheduleGroupOutput {
    return this.tokens.once('CreateScheduleGroup', input, () => this.groups.create(input));
  }

  public deleteScheduleGroup(input: DeleteScheduleGroupInput, _context: RequestContext): object {
    return this.tokens.once('DeleteScheduleGroup', input, () => {
      this.groups.delete(input);
      return {};
    });
  }

  /** Deletes a group at once: CloudFormation waits until it is gone. */
  public deleteGroupNow(name: string): void {
    this.groups.remove(this.groups.named(name));
  }

  public getScheduleGroup(input: GetScheduleGroupInput, _context: RequestContext): GetScheduleGroupOutput {
    return this.groups.get(input);
  }

  public listScheduleGroups(input: ListScheduleGroupsInput, _context: RequestContext): ListScheduleGroupsOutput {
    return this.groups.list(input);
  }

  public tagResource({ ResourceArn, Tags }: TagResourceInput, _context: RequestContext): object {
    this.groups.tag(ResourceArn, Tags);
    return {};
  }

  public untagResource({ ResourceArn, TagKeys }: UntagResourceInput, _context: RequestContext): object {
    this.groups.untag(ResourceArn, TagKeys);
    return {};
  }

  public listTagsForResource(
    { ResourceArn }: ListTagsForResourceInput,
    _context: RequestContext,
  ): ListTagsForResourceOutput {
    return { Tags: this.groups.tagsOf(ResourceArn) };
  }

  /** Calls the action that a universal target's ARN names, as a schedule does. Returns its output or a promise of it. */
  public callAction(targetArn: string, request: string, caller: RequestContext): unknown {
    const action = universalAction(targetArn);
    if (action === undefined) throw groupNotFound(targetArn);
    return this.dependencies.universalTargets.call(
      action.service,
      action.action,
      JSON.parse(request) as object,
      caller,
    );
  }

  /** All schedules, sorted by group and name. */
  public schedules(): Schedule[] {
    return this.groups.all().flatMap(({ schedules }) => [...schedules.values()].sort(byName));
  }

  /** What the emulator does not have that a schedule with this target needs; undefined if there is nothing. */
  public lackFor({ Arn, RoleArn }: Pick<ScheduleTarget, 'Arn' | 'RoleArn'>): string | undefined {
    const { universalTargets, roleTrust } = this.dependencies;
    const isKnown = roleTrust(RoleArn, '') !== undefined;
    return notEmulated(Arn, universalTargets) ?? (isKnown ? undefined : `The role ${RoleArn} does not exist.`);
  }

  public collectMetrics(periodStart: number): MetricDatum[] {
    return this.metrics.collect(periodStart);
  }

  /** A minute in which anything happened is not repeated. */
  public readonly idle: IdleParticipant = {
    probe: () => {
      this.metrics.isActive = false;
    },
    steadyUntil: () => (this.metrics.isActive ? -Infinity : Infinity),
    skip: () => undefined,
  };

  public stop(): void {
    for (const { pending } of this.schedules()) pending?.timer.cancel();
    this.runs.stop();
  }

  /** Checks what a schedule is to be, and that its role can be assumed. */
  private settingsOf(input: CreateScheduleInput | UpdateScheduleInput): ScheduleSettings {
    const { clock, universalTargets, roleTrust } = this.dependencies;
    const settings = readScheduleSettings(input, universalTargets, clock.now());
    const { arn } = this.groups.named(input.GroupName ?? DEFAULT_GROUP);
    if (roleTrust(settings.target.RoleArn, arn) !== true) throw roleNotAssumable();
    return settings;
  }

  /** @throws AwsError ResourceNotFoundException */
  private find({ Name = '', GroupName = DEFAULT_GROUP }: ScheduleReference): Schedule {
    const schedule = this.groups.named(GroupName).schedules.get(Name);
    if (schedule === undefined) throw scheduleNotFound(Name);
    return schedule;
  }

  private remove(schedule: Schedule): void {
    schedule.pending?.timer.cancel();
    this.groups.named(schedule.groupName).schedules.delete(schedule.name);
  }

  /** Arms the timer of a schedule's first run at or after an instant. Returns whether there is one. */
  private scheduleNext(schedule: Schedule, from: number): boolean {
    const { clock } = this.dependencies;
    schedule.pending?.timer.cancel();
    schedule.pending = undefined;
    if (schedule.settings.state === 'DISABLED') return false;
    const due = schedule.next(from);
    if (due === undefined) return false;
    const { Mode, MaximumWindowInMinutes = 0 } = schedule.settings.window;
    const delay = Mode === 'FLEXIBLE' ? Math.floor(this.windows.next() * MaximumWindowInMinutes * MINUTE) : 0;
    const timer = clock.schedule(due + delay, () => this.run(schedule, due), 'a schedule runs');
    schedule.pending = { due, timer };
    return true;
  }

  private run(schedule: Schedule, due: number): void {
    const { timeline } = this.dependencies;
    const { groupName: group, name, settings } = schedule;
    schedule.pending = undefined;
    const isLast = settings.expression.isOneTime || !this.scheduleNext(schedule, due + 1);
    this.runs.start(schedule, this.groups.named(group).arn, due, () => {
      // It may have been changed or deleted while the run was retried.
      if (!isLast || !schedule.deletesItself || schedule.settings !== settings || !this.has(schedule)) return;
      timeline.record('scheduler.deleted', name, { group });
      this.remove(schedule);
    });
  }

  private has(schedule: Schedule): boolean {
    return this.groups.find(schedule.groupName)?.schedules.get(schedule.name) === schedule;
  }
}
