import { AwsError } from '../core';
import type { LogDestinations } from '../services/logs';
import type { IntegratedRegion } from './index';

/** The functions of one account and Region, as subscription filters of CloudWatch Logs see them. */
export class SubscribedFunctions implements LogDestinations {
  constructor(private readonly place: IntegratedRegion<'lambda'>) {}

  public hasFunction(arn: string): boolean {
    const { account, region } = this.place;
    const context = { account, region, principal: 'logs.amazonaws.com', endpoint: '' };
    try {
      this.place.api.lambda.getFunctionConfiguration({ FunctionName: arn }, context);
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  }
}
