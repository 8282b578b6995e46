import type { Clock } from './clock';

/**
 * Hands on an error that nobody waits for, and that is no answer of the emulated cloud's but a defect, of ours or of what
 * a test has given: it goes where the errors of the clock's tasks go.
 */
export function surface(clock: Clock, error: unknown): void {
  clock.schedule(clock.now(), () => {
    throw error;
  });
}
