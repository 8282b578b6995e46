/** An alarm's states. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

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

  constructor(
    public readonly place: string,
    public readonly name: string,
  ) {}

  public changed(transition: AlarmTransition): void {
    this.history.push(transition);
    if (this.history.length > MOST) this.history.shift();
  }
}
