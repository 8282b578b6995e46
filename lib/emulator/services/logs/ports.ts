import { port } from '../../core';

/** What subscription filters need to know of their destinations. */
export interface LogDestinations {
  /** Whether there is a function, version or alias with this ARN. */
  hasFunction(arn: string): boolean;
}

export const LOG_DESTINATIONS = port<LogDestinations>('logs/destinations');
