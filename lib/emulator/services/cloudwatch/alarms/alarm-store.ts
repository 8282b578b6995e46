import { formatArn } from '../../../core';
import type { Clock } from '../../../clock';
import { Alarm } from './alarm';
import type { AlarmDefinition } from './alarm-definition';
import type { AlarmHistory } from './alarm-history';
import type { AlarmKind } from './any-alarm';
import { CompositeAlarm } from './composite-alarm';
import type { CompositeDefinition } from './composite-definition';
import { validationError } from '../errors';
import type { Tags } from '../tags';

/** What an {@link AlarmStore} is made of. */
export interface AlarmStoreDependencies {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  readonly history: AlarmHistory;
  readonly tags: Tags;
}

/** All alarms of an account in a Region, by name: one name is of one alarm, whatever its kind. */
export class AlarmStore {
  private readonly byName = new Map<string, Alarm | CompositeAlarm>();
  /** The alarms on metrics. */
  public readonly metric = new Map<string, Alarm>();
  /** The alarms on other alarms. */
  public readonly composite = new Map<string, CompositeAlarm>();

  constructor(private readonly dependencies: AlarmStoreDependencies) {}

  /** In the order in which they were created. */
  public all(): (Alarm | CompositeAlarm)[] {
    return [...this.byName.values()];
  }

  public get(name: string): Alarm | CompositeAlarm | undefined {
    return this.byName.get(name);
  }

  /** The ARN of an alarm, also of one that does not exist. */
  public arnOf(name: string): string {
    return formatArn('cloudwatch', this.dependencies.region, this.dependencies.account, `alarm:${name}`);
  }

  /** Enters an alarm on metrics, or a new configuration of one, whose tags and state stay. */
  public putMetric(definition: AlarmDefinition): Alarm {
    return this.put(definition, 'MetricAlarm', this.metric, Alarm);
  }

  /** Enters an alarm on other alarms, or a new configuration of one, whose tags and state stay. */
  public putComposite(definition: CompositeDefinition): CompositeAlarm {
    return this.put(definition, 'CompositeAlarm', this.composite, CompositeAlarm);
  }

  /** Takes out an alarm, if there is one of the name. */
  public delete(name: string): void {
    const alarm = this.byName.get(name);
    if (alarm === undefined) return;
    this.byName.delete(name);
    this.metric.delete(name);
    this.composite.delete(name);
    this.dependencies.tags.delete(alarm.arn);
    this.record(alarm, 'Delete', 'deleted');
  }

  private put<D extends AlarmDefinition | CompositeDefinition, A extends Alarm | CompositeAlarm>(
    definition: D,
    kind: AlarmKind,
    ofKind: Map<string, A>,
    make: new (arn: string, definition: D, now: number) => A & { configure(definition: D, now: number): void },
  ): A {
    const { name, input } = definition;
    const other = this.byName.get(name);
    if (other !== undefined && other.kind !== kind)
      throw validationError(`An alarm of a different type with the name ${name} already exists.`);
    const now = this.dependencies.clock.now();
    const existing = ofKind.get(name) as InstanceType<typeof make> | undefined;
    if (existing !== undefined) {
      existing.configure(definition, now);
      this.record(existing, 'Update', 'updated');
      return existing;
    }
    this.dependencies.tags.check(input.Tags);
    const alarm = new make(this.arnOf(name), definition, now);
    this.byName.set(name, alarm);
    ofKind.set(name, alarm);
    this.dependencies.tags.create(alarm.arn, input.Tags);
    this.record(alarm, 'Create', 'created');
    return alarm;
  }

  private record(alarm: Alarm | CompositeAlarm, type: string, did: string): void {
    const { clock, history } = this.dependencies;
    history.add(
      clock.now(),
      alarm,
      'ConfigurationUpdate',
      `Alarm "${alarm.name}" ${did}`,
      JSON.stringify({ version: '1.0', type }),
    );
  }
}
