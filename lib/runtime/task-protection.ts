import { contained, type Failure, logFailure } from './failure-log';

/** How often the worker is looked at, in milliseconds. */
const LOOK_INTERVAL = 5_000;

export interface TaskProtectionOptions {
  /** The agent's endpoint. Default: the environment's ECS_AGENT_URI. */
  readonly agentUri?: string;
  /** How long a protection lasts unless it is renewed, 2–2,880 minutes. Renewed at half of it. Default 10. */
  readonly expiresInMinutes?: number;
  /**
   * Called with every failure. What it throws is logged. Default: logs a line of JSON on stderr, with the error's stack
   * and cause.
   */
  readonly onFailure?: (failure: Failure) => void;
}

/**
 * Protects an ECS task from scale-in and deployments while its worker is busy, so that an idle task is stopped instead.
 * Checked every 5 seconds, so that shorter work costs no requests.
 *
 * Without an agent, as outside of ECS, it does nothing.
 *
 * @returns a function that ends it and, if the task is protected, removes the protection
 * @throws RangeError if an option is out of range
 */
export function protectBusyTask(worker: { readonly busy: boolean }, options: TaskProtectionOptions = {}) {
  const { agentUri = process.env.ECS_AGENT_URI, expiresInMinutes = 10, onFailure = logFailure } = options;
  if (!(Number.isInteger(expiresInMinutes) && expiresInMinutes >= 2 && expiresInMinutes <= 2_880)) {
    throw new RangeError(`expiresInMinutes must be a whole number from 2 to 2,880, but was ${expiresInMinutes}`);
  }
  if (!agentUri) return () => Promise.resolve();
  const report = contained(onFailure);
  /** Until when the agent need not be told again; undefined while the task is not protected. */
  let renewAt: number | undefined;
  let telling = Promise.resolve();
  const tell = async (busy: boolean): Promise<void> => {
    if (busy ? renewAt !== undefined && Date.now() < renewAt : renewAt === undefined) return;
    try {
      await setProtection(agentUri, busy ? { ProtectionEnabled: true, ExpiresInMinutes: expiresInMinutes } : undefined);
      renewAt = busy ? Date.now() + expiresInMinutes * 30_000 : undefined;
    } catch (error) {
      report({ during: 'lifecycle', error }); // repeated the next time
    }
  };
  const look = (busy: boolean): Promise<void> => (telling = telling.then(() => tell(busy)));
  const timer = setInterval(() => void look(worker.busy), LOOK_INTERVAL);
  return async (): Promise<void> => {
    clearInterval(timer);
    await look(false);
  };
}

interface Protection {
  readonly ProtectionEnabled: boolean;
  readonly ExpiresInMinutes?: number;
}

async function setProtection(agentUri: string, state: Protection = { ProtectionEnabled: false }): Promise<void> {
  const response = await fetch(`${agentUri}/task-protection/v1/state`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(state),
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  const { protection } = JSON.parse(text) as { protection?: unknown };
  // The agent answers 200 with a `failure` too.
  if (!response.ok || protection === undefined) throw new Error(`the ECS agent did not set the protection: ${text}`);
}
