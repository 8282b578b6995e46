import { port, type RequestContext } from '../../core';

/** What subscription filters need to know of their destinations. */
export interface LogDestinations {
  /** Whether there is a function with this ARN, and its policy allows the caller to invoke it. */
  checkFunction(arn: string, caller: RequestContext): 'ready' | 'missing' | 'denied';
}

export const LOG_DESTINATIONS = port<LogDestinations>('logs/destinations');
