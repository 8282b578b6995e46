import { DispatchingResource } from '../../../testing';
import type { Schedule } from '../schedules/schedule';
import type { Scheduler } from '../scheduler';

/** A schedule of a local cloud. What it sends are its runs: the input of its target, context attributes replaced. */
export class LocalSchedule extends DispatchingResource<Scheduler> {
  public readonly noun = 'run';

  public get arn(): string {
    return this.found.arn;
  }

  /** The name of its group. */
  public get group(): string {
    return this.found.groupName;
  }

  /** Whether it is enabled. */
  public get enabled(): boolean {
    return this.found.settings.state === 'ENABLED';
  }

  /** Whether it is there: one may delete itself after its last run. */
  public get exists(): boolean {
    return this.all.length > 0;
  }

  /** How many runs it has begun; retries are not counted. */
  public get fired(): number {
    return this.record.count;
  }

  /**
   * When it runs next, without its flexible time window, in emulated milliseconds since the epoch; undefined if it does
   * not.
   */
  public get nextRun(): number | undefined {
    return this.found.pending?.due;
  }

  private get all(): Schedule[] {
    return this.service.schedules().filter(({ name }) => name === this.name);
  }

  private get found(): Schedule {
    const [schedule, ...others] = this.all;
    if (schedule === undefined) throw new Error(`the schedule ${this.label} is gone: it was deleted`);
    if (others.length > 0) {
      const groups = this.all.map(({ groupName }) => groupName).join(', ');
      throw new Error(`schedules of the name ${this.name} are in the groups ${groups}: give them different names`);
    }
    return schedule;
  }
}
