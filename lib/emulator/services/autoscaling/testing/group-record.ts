import { type RecordStart, Series } from '../../../testing';

/** The recorded history of one Auto Scaling group. */
export class GroupRecord {
  /** How many instances are in service. */
  public readonly inService: Series;
  /** How many instances were launched. */
  public launched = 0;
  /** How many were terminated. */
  public terminated = 0;
  private readonly serving = new Set<string>();

  public readonly place: string;
  public readonly name: string;

  constructor({ place, name, startedAt }: RecordStart) {
    this.place = place;
    this.name = name;
    this.inService = new Series(startedAt);
  }

  public entered(at: number, instanceId: string): void {
    this.serving.add(instanceId);
    this.inService.set(at, this.serving.size);
  }

  public left(at: number, instanceId: string): void {
    if (this.serving.delete(instanceId)) this.inService.set(at, this.serving.size);
  }
}
