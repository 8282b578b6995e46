import { AwsError, type RequestContext } from '../core';
import type { LogDestinations } from '../services/logs';
import type { IntegratedRegion } from './index';

/** The functions of one account and Region, as subscription filters of CloudWatch Logs see them. */
export class SubscribedFunctions implements LogDestinations {
  constructor(private readonly place: IntegratedRegion<'lambda'>) {}

  public checkFunction(arn: string, caller: RequestContext): ReturnType<LogDestinations['checkFunction']> {
    try {
      this.place.api.lambda.checkDelivery(arn, caller);
      return 'ready';
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return error.shape === 'ResourceNotFoundException' ? 'missing' : 'denied';
    }
  }
}
