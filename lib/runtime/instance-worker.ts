import { type AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { type Failure, logFailure } from './failure-log';
import { InstanceMetadata } from './instance-metadata';
import { duringLifecycleAction, type LifecycleHook, lifecycleHookFromEnvironment } from './lifecycle-action';
import { pause } from './pause';
import { type QueueWorker } from './queue-worker';

/** EC2 recommends to look at the target state every few seconds. */
const LOOK_INTERVAL = 5_000;

export interface InstanceWorkerOptions {
  /** Completes the group's lifecycle action once the worker has drained. */
  readonly autoScaling: AutoScalingClient;
  /** Default: the one that the environment names; without it only SIGTERM ends the worker. */
  readonly hook?: LifecycleHook;
  readonly metadata?: InstanceMetadata;
  /** Told of every failure. Default: a line of JSON on stderr. */
  readonly onFailure?: (failure: Failure) => void;
}

/**
 * Runs a worker on an instance of an Auto Scaling group until the instance is to go; resolves on SIGTERM, when the
 * worker has drained.
 *
 * The group announces a termination through the instance metadata; the lifecycle hook holds it until the worker has
 * finished and deleted its messages. Ending the process at that point would have systemd start it again, so it stays,
 * idle, until the machine shuts down.
 */
export async function runOnInstance(worker: QueueWorker, options: InstanceWorkerOptions): Promise<void> {
  const { hook = lifecycleHookFromEnvironment(), metadata = new InstanceMetadata(), onFailure = logFailure } = options;
  const sigterm = new AbortController();
  const onSigterm = (): void => sigterm.abort();
  process.once('SIGTERM', onSigterm);
  try {
    if (hook === undefined) await runUntil(worker, stillWanted(sigterm.signal));
    else await runUnderHook(worker, hook, { ...options, metadata, onFailure }, sigterm.signal);
  } finally {
    process.off('SIGTERM', onSigterm);
  }
}

async function runUnderHook(
  worker: QueueWorker,
  hook: LifecycleHook,
  {
    autoScaling,
    metadata,
    onFailure,
  }: InstanceWorkerOptions & { metadata: InstanceMetadata; onFailure: (failure: Failure) => void },
  sigterm: AbortSignal,
): Promise<void> {
  const look = async (path: string): Promise<string | undefined> => {
    try {
      return await metadata.get(path);
    } catch (error) {
      onFailure({ during: 'lifecycle', error });
      return undefined;
    }
  };
  const terminates = async (): Promise<boolean> => (await look('autoscaling/target-lifecycle-state')) === 'Terminated';
  let terminating = await terminates(); // a worker that was restarted while the instance goes must not begin anew
  const work = terminating || sigterm.aborted ? undefined : worker.run();
  while (!terminating && !sigterm.aborted) {
    await pause(LOOK_INTERVAL, sigterm);
    terminating = !sigterm.aborted && (await terminates());
  }
  const drain = async (): Promise<void> => {
    await worker.stop();
    await work;
  };
  if (!terminating) return drain();
  const instanceId = await look('instance-id');
  if (instanceId === undefined) await drain();
  else await duringLifecycleAction(autoScaling, hook, instanceId, drain, onFailure);
  await stillWanted(sigterm);
}

async function runUntil(worker: QueueWorker, end: Promise<void>): Promise<void> {
  const work = worker.run();
  await end;
  await worker.stop();
  await work;
}

/** Waits for SIGTERM. A signal's listener alone does not keep a process alive: the timer does. */
async function stillWanted(sigterm: AbortSignal): Promise<void> {
  while (!sigterm.aborted) await pause(60_000, sigterm);
}
