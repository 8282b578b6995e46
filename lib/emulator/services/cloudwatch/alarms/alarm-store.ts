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

/** The collaborators of {@link AlarmStore}. */
export interface AlarmStoreDependencies {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  readonly history: AlarmHistory;
  readonly tags: Tags;
}

/** The alarms of an account in a Region. Metric and composite alarms share one namespace of names. */
export class AlarmStore {
  private readonly byName = new Map<string, Alarm | CompositeAlarm>();
  /** The alarms on metrics. */
  public readonly metric = new Map<string, Alarm>();
  /** The alarms on other alarms. */
  public readonly composite = new Map<string, CompositeAlarm>();

  constructor(private readonly dependencies: AlarmStoreDependencies) {}

  /** All alarms, in order of creation. */
  public all(): (Alarm | CompositeAlarm)[] {
    return [...this.byName.values()];
  }

  public get(name: string): Alarm | CompositeAlarm | undefined {
    return this.byName.get(name);
  }

  /** The ARN of an alarm, whether or not it exists. */
  public arnOf(name: string): string {
    return formatArn('cloudwatch', this.dependencies.region, this.dependencies.account, `alarm:${name}`);
  }

  /** Creates a metric alarm, or replaces its configuration and keeps its tags and state. */
  public putMetric(definition: AlarmDefinition): Alarm {
    return this.put(definition, 'MetricAlarm', this.metric, Alarm);
  }

  /** Creates a composite alarm, or replaces its configuration and keeps its tags and state. */
  public putComposite(definition: CompositeDefinition): CompositeAlarm {
    return this.put(definition, 'CompositeAlarm', this.composite, CompositeAlarm);
  }

  /** Removes an alarm; does nothing if there is none. */
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
