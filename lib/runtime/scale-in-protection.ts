import { type AutoScalingClient, SetInstanceProtectionCommand } from '@aws-sdk/client-auto-scaling';
import { type Failure } from './failure-log';

/** Whose protection it is. */
export interface ProtectedInstance {
  readonly autoScalingGroupName: string;
  readonly instanceId: string;
}

/** Keeps an instance from scale-in while its worker is busy, so that an idle one goes instead. */
export class ScaleInProtection {
  /** What the group was last told; at first unknown, as a worker before this one may have told it anything. */
  private told: boolean | undefined;

  constructor(
    private readonly client: AutoScalingClient,
    private readonly instance: ProtectedInstance,
    private readonly report: (failure: Failure) => void,
  ) {}

  /** Tells the group when it has changed. A failure is reported, and tried again the next time. */
  public async follow(busy: boolean): Promise<void> {
    if (busy === this.told) return;
    const { autoScalingGroupName, instanceId } = this.instance;
    try {
      await this.client.send(
        new SetInstanceProtectionCommand({
          AutoScalingGroupName: autoScalingGroupName,
          InstanceIds: [instanceId],
          ProtectedFromScaleIn: busy,
        }),
      );
      this.told = busy;
    } catch (error) {
      this.report({ during: 'lifecycle', error });
    }
  }
}
