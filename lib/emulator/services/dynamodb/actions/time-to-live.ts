import type {
  DescribeTimeToLiveOutput,
  TimeToLiveSpecification,
  UpdateTimeToLiveInput,
  UpdateTimeToLiveOutput,
} from '@aws-sdk/client-dynamodb';
import { type Clock, HOUR } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { validation } from '../errors';
import type { StoredItem } from '../table/stored-item';
import type { Table } from '../table/table';
import { TimeToLive } from '../table/time-to-live';
import { Violations } from '../violations';
import { showKey } from './writing';

/** Who deletes expired items, in the records of a stream. */
const IDENTITY = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } as const;
/** A table's time to live can be changed once in this time. */
const INTERVAL = HOUR;

/** Enables and disables the time to live of tables. */
export class TimeToLiveManagement {
  /** @param delay emulated milliseconds from an item's expiry to its deletion */
  constructor(
    private readonly clock: Clock,
    private readonly timeline: Timeline,
    private readonly delay: number,
  ) {}

  public update(table: Table, input: UpdateTimeToLiveInput): UpdateTimeToLiveOutput {
    const { TimeToLiveSpecification: specification } = input;
    checkSpecification(specification);
    this.checkChange(table, specification ?? NOTHING);
    if (this.clock.now() < (table.timeToLiveChangedAt ?? -Infinity) + INTERVAL) {
      throw validation('Time to live has been modified multiple times within a fixed interval');
    }
    this.change(table, specification ?? NOTHING);
    return { TimeToLiveSpecification: specification };
  }

  /** Makes a change that {@link checkChange} allows. */
  public change(table: Table, { AttributeName = '', Enabled }: TimeToLiveSpecification): void {
    const { clock, delay } = this;
    const expire = (stored: StoredItem) => this.expire(table, stored);
    const timeToLive = Enabled === true ? new TimeToLive(AttributeName, { clock, delay, expire }) : undefined;
    table.setTimeToLive(timeToLive, clock.now());
  }

  /** @throws AwsError ValidationException if the table's time to live is that already, or has another attribute */
  public checkChange({ timeToLive }: Table, { AttributeName, Enabled }: TimeToLiveSpecification): void {
    if (timeToLive !== undefined && timeToLive.attribute !== AttributeName) {
      throw validation(
        `TimeToLive is active on a different AttributeName: current AttributeName is ${timeToLive.attribute}`,
      );
    }
    if (Enabled === true && timeToLive !== undefined) throw validation('TimeToLive is already enabled');
    if (Enabled !== true && timeToLive === undefined) throw validation('TimeToLive is already disabled');
  }

  private expire(table: Table, stored: StoredItem): void {
    const { item } = stored;
    table.write(stored, undefined, IDENTITY);
    table.metrics.add('TimeToLiveDeletedItemCount', 1);
    if (this.timeline.observed) this.timeline.record('dynamodb.expired', table.name, { key: showKey(table, item) });
  }
}

export function describeTimeToLive({ timeToLive }: Table): DescribeTimeToLiveOutput {
  return {
    TimeToLiveDescription:
      timeToLive === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attribute },
  };
}

const NOTHING: TimeToLiveSpecification = { AttributeName: undefined, Enabled: undefined };

function checkSpecification(specification: TimeToLiveSpecification | undefined): void {
  const violations = new Violations();
  if (violations.required('timeToLiveSpecification', specification)) {
    const { AttributeName, Enabled } = specification;
    if (violations.required('timeToLiveSpecification.attributeName', AttributeName)) {
      violations.length('timeToLiveSpecification.attributeName', AttributeName, 1, 255);
    }
    violations.required('timeToLiveSpecification.enabled', Enabled);
  }
  violations.throwAny();
}
