import type { RecordStart } from '../../../testing';
import type { AlarmState } from '../alarms/evaluation';

/** An alarm's change of state. */
export interface AlarmTransition {
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
  readonly from: AlarmState;
  readonly to: AlarmState;
  /** CloudWatch's reason: `Threshold Crossed: …`. */
  readonly reason: string;
}

const MOST = 10_000;

/** The recorded history of one alarm. */
export class AlarmRecord {
  /** Its latest transitions, oldest first. */
  public readonly history: AlarmTransition[] = [];

  public readonly place: string;
  public readonly name: string;

  constructor({ place, name }: RecordStart) {
    this.place = place;
    this.name = name;
  }

  public changed(transition: AlarmTransition): void {
    this.history.push(transition);
    if (this.history.length > MOST) this.history.shift();
  }
}
