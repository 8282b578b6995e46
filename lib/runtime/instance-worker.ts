import { type AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { contained, type Failure, logFailure } from './failure-log';
import { InstanceMetadata } from './instance-metadata';
import { duringLifecycleAction, type LifecycleHook, lifecycleHookFromEnvironment } from './lifecycle-action';
import { pause } from './pause';
import { type QueueWorker } from './queue-worker';
import { ScaleInProtection } from './scale-in-protection';

/** EC2 recommends to look at the target state every few seconds. */
const LOOK_INTERVAL = 5_000;
const TERMINATED = 'Terminated';
/** What the target states of instances in a warm pool begin with. */
const WARM_POOL = 'Warmed:';
/** There is nothing at this path until EC2 gives notice that it takes a Spot Instance back. */
const SPOT_NOTICE = 'spot/instance-action';

export interface InstanceWorkerOptions {
  /** Completes the group's lifecycle action once the worker has drained. */
  readonly autoScaling: AutoScalingClient;
  /** Default: the one that the environment names; without it only SIGTERM ends the worker. */
  readonly hook?: LifecycleHook;
  readonly metadata?: InstanceMetadata;
  /**
   * Whether the instance is to be protected from scale-in while the worker is busy: looked at every 5 seconds, so that
   * shorter work costs no requests. Default: whether the environment sets PROTECT_BUSY_INSTANCE to true.
   */
  readonly protectBusyInstance?: boolean;
  /**
   * Called with every failure. What it throws is logged. Default: logs a line of JSON, with the stack and the cause of the
   * error, on stderr.
   */
  readonly onFailure?: (failure: Failure) => void;
}

/**
 * Runs a worker on an instance of an Auto Scaling group until the instance is to go; resolves on SIGTERM, when the
 * worker has drained.
 *
 * The group announces a termination through the instance metadata; the lifecycle hook holds it until the worker has
 * finished and deleted its messages. Ending the process at that point would have systemd start it again, so it stays,
 * idle, until the machine shuts down.
 *
 * On an instance of a warm pool the worker begins when the instance joins the group; when it goes back there, the
 * process ends, and the next one waits. A worker on a Spot Instance that EC2 takes back drains as soon as it is told.
 */
export async function runOnInstance(worker: QueueWorker, options: InstanceWorkerOptions): Promise<void> {
  const { hook = lifecycleHookFromEnvironment(), metadata = new InstanceMetadata() } = options;
  const report = contained(options.onFailure ?? logFailure);
  const sigterm = new AbortController();
  const onSigterm = (): void => sigterm.abort();
  process.once('SIGTERM', onSigterm);
  try {
    if (hook === undefined) await runUntil(worker, stillWanted(sigterm.signal));
    else await runUnderHook(worker, hook, { ...options, metadata, report }, sigterm.signal);
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
  let leaving = target === TERMINATED; // a worker that was restarted while the instance goes must not begin anew
  const begins = !leaving && !sigterm.aborted;
  const protection = begins ? await protectionOf(hook, look, options) : undefined;
  const work = begins ? worker.run() : undefined;
  let interrupted = false;
  while (!leaving && !sigterm.aborted) {
    await pause(LOOK_INTERVAL, sigterm);
    if (sigterm.aborted) break;
    target = await state();
    leaving = target === TERMINATED || target?.startsWith(WARM_POOL) === true;
    if (leaving || interrupted) continue;
    interrupted = (await look(SPOT_NOTICE)) !== undefined;
    // EC2 takes the instance back in two minutes, whatever its group knows or does: no more work is begun.
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
  // In a warm pool that keeps its instances running, systemd starts a worker that waits for its time to come again.
  if (target === TERMINATED) await stillWanted(sigterm);
}

/** Nothing, unless wanted, and while the metadata does not tell which instance this is. */
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
