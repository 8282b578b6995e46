import type {
  BatchDeleteScheduledActionAnswer,
  BatchDeleteScheduledActionType,
  BatchPutScheduledUpdateGroupActionAnswer,
  BatchPutScheduledUpdateGroupActionType,
  DeleteScheduledActionType,
  DescribeScheduledActionsType,
  FailedScheduledUpdateGroupActionRequest,
  PutScheduledUpdateGroupActionType,
  ScheduledActionsType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError, formatArn, page } from '../../../core';
import type { Clock, Random } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { type Activities, causeTime } from '../instances/activities';
import { checkRecords, invalidNextToken, missing, validationError } from '../errors';
import type { Group } from '../groups/group';
import type { Groups } from '../groups/groups';
import type { Scaler } from './scaler';
import { defineScheduledAction, describeScheduledAction, type ScheduledAction } from './scheduled-action';

/** The collaborators of {@link ScheduledActions}. */
export interface ScheduledActionsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly groups: Groups;
  readonly activities: Activities;
  readonly scaler: Scaler;
}

const MOST_ACTIONS = 125;
const MOST_IN_BATCH = 50;

/** The scheduled actions of groups. */
export class ScheduledActions {
  constructor(private readonly dependencies: ScheduledActionsDependencies) {}

  /** Creates an action, or replaces one of the same name and keeps its ARN. */
  public put(input: PutScheduledUpdateGroupActionType): void {
    const { account, clock, groups, random, region } = this.dependencies;
    const group = groups.find(input.AutoScalingGroupName);
    const existing = group.scheduledActions.get(input.ScheduledActionName ?? '');
    const action = defineScheduledAction(input, clock.now(), (name) => {
      const resource = `scheduledUpdateGroupAction:${random.uuid()}:autoScalingGroupName/${group.name}:scheduledActionName/${name}`;
      return existing?.arn ?? formatArn('autoscaling', region, account, resource);
    });
    const others = [...group.scheduledActions.values()].filter((other) => other !== existing);
    if (others.length >= MOST_ACTIONS) {
      const message = `A group can have at most ${MOST_ACTIONS} scheduled actions: ${group.name} has as many.`;
      throw new AwsError('LimitExceededFault', message, { queryCode: 'LimitExceeded' });
    }
    const same = others.find(({ next }) => next === action.next);
    if (same !== undefined) {
      const message = `A scheduled action with this scheduled start time already exists: ${same.name} at ${causeTime(same.next)}.`;
      throw new AwsError('AlreadyExistsFault', message, { queryCode: 'AlreadyExists' });
    }
    existing?.timer?.cancel();
    group.scheduledActions.set(action.name, action);
    this.schedule(group, action);
  }

  public putBatch(input: BatchPutScheduledUpdateGroupActionType): BatchPutScheduledUpdateGroupActionAnswer {
    const { AutoScalingGroupName, ScheduledUpdateGroupActions: actions } = input;
    this.dependencies.groups.find(AutoScalingGroupName);
    if (actions === undefined) throw missing('ScheduledUpdateGroupActions');
    checkBatch('ScheduledUpdateGroupActions', actions);
    const put = ({ ScheduledActionName: name, ...action }: (typeof actions)[number]) =>
      attempt(name, () => this.put({ ...action, ScheduledActionName: name, AutoScalingGroupName }));
    return { FailedScheduledUpdateGroupActions: actions.flatMap(put) };
  }

  public delete(input: DeleteScheduledActionType): void {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const { ScheduledActionName: name } = input;
    if (name === undefined) throw missing('ScheduledActionName');
    const action = group.scheduledActions.get(name);
    if (action === undefined) throw validationError(`Scheduled action name not found: ${name}`);
    action.timer?.cancel();
    group.scheduledActions.delete(name);
  }

  public deleteBatch(input: BatchDeleteScheduledActionType): BatchDeleteScheduledActionAnswer {
    const { AutoScalingGroupName, ScheduledActionNames: names } = input;
    this.dependencies.groups.find(AutoScalingGroupName);
    if (names === undefined) throw missing('ScheduledActionNames');
    checkBatch('ScheduledActionNames', names);
    const remove = (name: string) =>
      attempt(name, () => this.delete({ AutoScalingGroupName, ScheduledActionName: name }));
    return { FailedScheduledActions: names.flatMap(remove) };
  }

  /** The actions that have a run ahead. */
  public describe(input: DescribeScheduledActionsType): ScheduledActionsType {
    const { AutoScalingGroupName: groupName, ScheduledActionNames: names, MaxRecords = 50, NextToken } = input;
    checkRecords(MaxRecords);
    const { groups } = this.dependencies;
    // Names take precedence over times.
    const from = names?.length ? -Infinity : (input.StartTime?.getTime() ?? -Infinity);
    const until = names?.length ? Infinity : (input.EndTime?.getTime() ?? Infinity);
    const all = (groupName === undefined ? groups.all() : [groups.find(groupName)]).flatMap((group) =>
      [...group.scheduledActions.values()]
        .filter(({ name, next }) => (!names?.length || names.includes(name)) && next >= from && next <= until)
        .map((action) => describeScheduledAction(group, action)),
    );
    const { items, nextToken } = page(all, MaxRecords, NextToken, invalidNextToken);
    return { ScheduledUpdateGroupActions: items, NextToken: nextToken };
  }

  /** Cancels the actions of a deleted group. */
  public forget(group: Group): void {
    for (const { timer } of group.scheduledActions.values()) timer?.cancel();
  }

  private schedule(group: Group, action: ScheduledAction): void {
    const run = (): void => {
      const next = action.following(this.dependencies.clock.now());
      if (next === undefined) group.scheduledActions.delete(action.name);
      else {
        action.next = next;
        this.schedule(group, action);
      }
      this.run(group, action);
    };
    action.timer = this.dependencies.clock.schedule(
      action.next,
      run,
      `the scheduled action ${action.name} of ${group.name}`,
    );
  }

  /** Runs that are missed while ScheduledActions is suspended are not made up for. */
  private run(group: Group, action: ScheduledAction): void {
    const { activities, clock, scaler, timeline } = this.dependencies;
    if (group.deleting || !group.runs('ScheduledActions')) return;
    const { min = group.definition.min, max = group.definition.max } = action;
    const desired = action.desired ?? Math.max(min, Math.min(max, group.desired));
    timeline.record('autoscaling.scheduledAction', group.name, { action: action.name, min, max, desired });
    const who = `a scheduled action update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired}`;
    if (min > max || desired < min || desired > max) {
      const cause = `At ${causeTime(clock.now())} ${who}.`;
      const activity = activities.start(group, 'InProgress', '', `Executing scheduled action: ${action.name}`, cause);
      activities.end(activity, 'Failed', `min: ${min}, desired: ${desired} and max: ${max} do not go together.`);
      return;
    }
    group.definition = { ...group.definition, min, max };
    scaler.setDesired(group, desired, who);
  }
}

function checkBatch(member: string, entries: readonly unknown[]): void {
  if (entries.length <= MOST_IN_BATCH) return;
  throw validationError(`${member} must have at most ${MOST_IN_BATCH} entries, got ${entries.length}.`);
}

/** The result of one action of a batch: its failure, if any. */
function attempt(name: string | undefined, action: () => void): FailedScheduledUpdateGroupActionRequest[] {
  try {
    action();
    return [];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return [{ ScheduledActionName: name, ErrorCode: error.queryCode, ErrorMessage: error.message }];
  }
}
