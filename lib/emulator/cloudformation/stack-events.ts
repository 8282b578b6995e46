import type { Timeline } from '../timeline';

/** Records a stack's events, as CloudFormation's console lists them, on the timeline. */
export class StackEvents {
  constructor(
    private readonly timeline: Timeline,
    private readonly stackName: string,
  ) {}

  /** @param status CloudFormation's own: `UPDATE_COMPLETE` */
  public stack(status: string, reason?: string): void {
    this.timeline.record('cloudformation.stack', this.stackName, { status, reason });
  }

  public resource(status: string, of: { logicalId: string; type: string; physicalId?: string }, reason?: string): void {
    const { logicalId, type, physicalId } = of;
    this.timeline.record('cloudformation.resource', this.stackName, { logicalId, status, type, physicalId, reason });
  }
}
