import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { autoScalingCommands } from './auto-scaling-commands';
import { type Failure } from './failure-log';

/** Well below the shortest heartbeat timeout that AutoScalingGroupConsumer gives its hook. */
const HEARTBEAT_INTERVAL = 30_000;

/** The termination lifecycle hook that holds an instance until its worker has drained. */
export interface LifecycleHook {
  readonly autoScalingGroupName: string;
  readonly lifecycleHookName: string;
}

/** The hook in the worker's environment (AUTO_SCALING_GROUP_NAME, LIFECYCLE_HOOK_NAME), if it is set. */
export function lifecycleHookFromEnvironment(environment = process.env): LifecycleHook | undefined {
  const { AUTO_SCALING_GROUP_NAME: autoScalingGroupName, LIFECYCLE_HOOK_NAME: lifecycleHookName } = environment;
  return autoScalingGroupName && lifecycleHookName ? { autoScalingGroupName, lifecycleHookName } : undefined;
}

/** Runs `drain` while keeping the instance from being terminated, and then lets the termination continue. */
export async function duringLifecycleAction(
  client: AutoScalingClient,
  hook: LifecycleHook,
  instanceId: string,
  drain: () => Promise<void>,
  report: (failure: Failure) => void,
): Promise<void> {
  const action = {
    AutoScalingGroupName: hook.autoScalingGroupName,
    LifecycleHookName: hook.lifecycleHookName,
    InstanceId: instanceId,
  };
  const attempt = async (request: () => Promise<unknown>): Promise<void> => {
    try {
      await request();
    } catch (error) {
      // The action may already have timed out; the group then continues without us.
      report({ during: 'lifecycle', error });
    }
  };
  const heartbeat = setInterval(
    () =>
      void attempt(async () => {
        const { RecordLifecycleActionHeartbeatCommand } = await autoScalingCommands();
        await client.send(new RecordLifecycleActionHeartbeatCommand(action));
      }),
    HEARTBEAT_INTERVAL,
  );
  try {
    await drain();
  } finally {
    clearInterval(heartbeat);
  }
  await attempt(async () => {
    const { CompleteLifecycleActionCommand } = await autoScalingCommands();
    await client.send(new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult: 'CONTINUE' }));
  });
}
