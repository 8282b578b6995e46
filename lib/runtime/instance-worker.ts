import { type AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { contained, type Failure, logFailure } from './failure-log';
import { InstanceMetadata } from './instance-metadata';
import { duringLifecycleAction, type LifecycleHook, lifecycleHookFromEnvironment } from './lifecycle-action';
import { pause } from './pause';
import { type QueueWorker } from './queue-worker';
import { ScaleInProtection } from './scale-in-protection';

/** EC2 recommends checking the target state every few seconds. */
const LOOK_INTERVAL = 5_000;
const TERMINATED = 'Terminated';
/** The prefix of the target states of instances in a warm pool. */
const WARM_POOL = 'Warmed:';
/** This path exists only after EC2's Spot interruption notice. */
const SPOT_NOTICE = 'spot/instance-action';

export interface InstanceWorkerOptions {
  /** Completes the group's lifecycle action once the worker has drained. */
  readonly autoScaling: AutoScalingClient;
  /** Default: the hook in the environment; without one, only SIGTERM ends the worker. */
  readonly hook?: LifecycleHook;
  readonly metadata?: InstanceMetadata;
  /**
   * Whether to protect the instance from scale-in while the worker is busy. Checked every 5 seconds, so that shorter
   * work costs no requests. Default: whether the environment sets PROTECT_BUSY_INSTANCE to true.
   */
  readonly protectBusyInstance?: boolean;
  /**
   * Called with every failure. What it throws is logged. Default: logs a line of JSON on stderr, with the error's stack
   * and cause.
   */
  readonly onFailure?: (failure: Failure) => void;
}

/**
 * Runs a worker on an instance of an Auto Scaling group until the instance terminates. Resolves on SIGTERM, once the
 * worker has drained; throws `QueueGoneError` if the queue has been deleted.
 *
 * The group announces a termination through the instance metadata, and the lifecycle hook holds it until the worker has
 * finished and deleted its messages. If the process ended at that point, systemd would restart it, so it stays idle
 * until the machine shuts down.
 *
 * On an instance in a warm pool, the worker starts when the instance joins the group. When the instance returns to the
 * pool, the process ends, and the next one waits. On a Spot Instance, the worker drains as soon as EC2 gives its
 * interruption notice.
 */
export async function runOnInstance(worker: QueueWorker, options: InstanceWorkerOptions): Promise<void> {
  const { hook = lifecycleHookFromEnvironment(), metadata = new InstanceMetadata() } = options;
  const report = contained(options.onFailure ?? logFailure);
  const sigterm = new AbortController();
  const onSigterm = (): void => sigterm.abort();
  process.once('SIGTERM', onSigterm);
  try {
    // A worker whose queue is gone ends the process, as SIGTERM does.
    const run = (): Promise<void> => {
      const work = worker.run();
      work.catch(onSigterm);
      return work;
    };
    if (hook === undefined) await runUntil(worker, run(), stillWanted(sigterm.signal));
    else await runUnderHook(worker, run, hook, { ...options, metadata, report }, sigterm.signal);
  } finally {
    process.off('SIGTERM', onSigterm);
  }
}

interface FullOptions extends InstanceWorkerOptions {
  readonly metadata: InstanceMetadata;
  readonly report: (failure: Failure) => void;
}

async function runUnderHook(
  worker: QueueWorker,
  run: () => Promise<void>,
  hook: LifecycleHook,
  options: FullOptions,
  sigterm: AbortSignal,
): Promise<void> {
  const { autoScaling, metadata, report } = options;
  const look = async (path: string): Promise<string | undefined> => {
    try {
      return await metadata.get(path);
    } catch (error) {
      report({ during: 'lifecycle', error });
      return undefined;
    }
  };
  const state = (): Promise<string | undefined> => look('autoscaling/target-lifecycle-state');
  let target = await state();
  while (target?.startsWith(WARM_POOL) && !sigterm.aborted) {
    await pause(LOOK_INTERVAL, sigterm);
    target = await state();
  }
  let leaving = target === TERMINATED; // a worker that restarts while the instance terminates must not receive again
  const begins = !leaving && !sigterm.aborted;
  const protection = begins ? await protectionOf(hook, look, options) : undefined;
  const work = begins ? run() : undefined;
  let interrupted = false;
  while (!leaving && !sigterm.aborted) {
    await pause(LOOK_INTERVAL, sigterm);
    if (sigterm.aborted) break;
    target = await state();
    leaving = target === TERMINATED || target?.startsWith(WARM_POOL) === true;
    if (leaving || interrupted) continue;
    interrupted = (await look(SPOT_NOTICE)) !== undefined;
    // EC2 terminates the instance in two minutes, whatever its group does: start no more work.
    if (interrupted) void worker.stop();
    else await protection?.follow(worker.busy);
  }
  const drain = async (): Promise<void> => {
    await worker.stop();
    await work;
  };
  if (!leaving) return drain();
  const instanceId = await look('instance-id');
  if (instanceId === undefined) await drain();
  else await duringLifecycleAction(autoScaling, hook, instanceId, drain, report);
  // In a warm pool that keeps instances running, systemd starts a worker that waits to join again.
  if (target === TERMINATED) await stillWanted(sigterm);
}

/** Undefined unless requested, or while the metadata does not identify the instance. */
async function protectionOf(
  { autoScalingGroupName }: LifecycleHook,
  look: (path: string) => Promise<string | undefined>,
  { autoScaling, report, protectBusyInstance = process.env.PROTECT_BUSY_INSTANCE === 'true' }: FullOptions,
): Promise<ScaleInProtection | undefined> {
  if (!protectBusyInstance) return undefined;
  const instanceId = await look('instance-id');
  return instanceId === undefined
    ? undefined
    : new ScaleInProtection(autoScaling, { autoScalingGroupName, instanceId }, report);
}

async function runUntil(worker: QueueWorker, work: Promise<void>, end: Promise<void>): Promise<void> {
  await end;
  await worker.stop();
  await work;
}

/** Waits for SIGTERM. A signal listener alone does not keep a process alive; the timer does. */
async function stillWanted(sigterm: AbortSignal): Promise<void> {
  while (!sigterm.aborted) await pause(60_000, sigterm);
}
