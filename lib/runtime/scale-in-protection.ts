import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { autoScalingCommands } from './auto-scaling-commands';
import { type Failure } from './failure-log';

/** The instance to protect. */
export interface ProtectedInstance {
  readonly autoScalingGroupName: string;
  readonly instanceId: string;
}

/** Protects an instance from scale-in while its worker is busy, so that an idle one is terminated instead. */
export class ScaleInProtection {
  /** The protection last set; unknown at first, because an earlier worker may have set any. */
  private told: boolean | undefined;

  constructor(
    private readonly client: AutoScalingClient,
    private readonly instance: ProtectedInstance,
    private readonly report: (failure: Failure) => void,
  ) {}

  /** Updates the protection if it changed. A failure is reported, and retried the next time. */
  public async follow(busy: boolean): Promise<void> {
    if (busy === this.told) return;
    const { autoScalingGroupName, instanceId } = this.instance;
    try {
      const { SetInstanceProtectionCommand } = await autoScalingCommands();
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
