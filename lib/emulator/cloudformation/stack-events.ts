import type { DeploymentContext } from './provider/deployment-context';

/** A resource that a stack event is about. */
export interface EventResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
}

/** Records a stack's events, as CloudFormation's console lists them, on the timeline, and emits them to EventBridge. */
export class StackEvents {
  constructor(
    private readonly context: Pick<DeploymentContext, 'timeline' | 'serviceEvents'>,
    private readonly identity: { readonly stackName: string; readonly stackId: string },
  ) {}

  /** @param status CloudFormation's own: `UPDATE_COMPLETE` */
  public stack(status: string, reason?: string): void {
    const { stackName } = this.identity;
    this.context.timeline.record('cloudformation.stack', stackName, { status, reason });
    this.emit('CloudFormation Stack Status Change', status, reason, {});
  }

  public resource(status: string, of: EventResource, reason?: string): void {
    const { logicalId, type, physicalId } = of;
    const detail = { logicalId, status, type, physicalId, reason };
    this.context.timeline.record('cloudformation.resource', this.identity.stackName, detail);
    this.emit('CloudFormation Resource Status Change', status, reason, {
      'logical-resource-id': logicalId,
      'physical-resource-id': physicalId ?? '',
      'resource-type': type,
    });
  }

  private emit(detailType: string, status: string, reason: string | undefined, about: object): void {
    const { stackId } = this.identity;
    this.context.serviceEvents.emit('aws.cloudformation', detailType, () => ({
      resources: [stackId],
      detail: {
        'stack-id': stackId,
        ...about,
        'status-details': { status, 'status-reason': reason ?? '' },
        'client-request-token': '',
      },
    }));
  }
}
