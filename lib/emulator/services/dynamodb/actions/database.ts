import type { Clock } from '../../../clock';
import type { Timeline } from '../../../timeline';
import type { Capacity } from '../capacity';
import type { Tables } from '../tables';

/** What all actions on items work with. */
export interface Database {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly tables: Tables;
  readonly capacity: Capacity;
}
