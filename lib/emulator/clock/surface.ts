import type { Clock } from './clock';

/**
 * Reports an error that no caller awaits and that is a defect, in the emulator or in a test's code, rather than a
 * response of the emulated cloud. It surfaces where the errors of the clock's tasks do.
 */
export function surface(clock: Clock, error: unknown): void {
  clock.schedule(clock.now(), () => {
    throw error;
  });
}
