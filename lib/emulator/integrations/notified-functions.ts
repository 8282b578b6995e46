import type { RequestContext } from '../core';
import type { NotifiedFunctions } from '../services/s3';
import type { IntegratedRegion } from '.';

/** Asks Lambda whether S3 may invoke a function. */
export class LambdaNotifiedFunctions implements NotifiedFunctions {
  constructor(private readonly region: IntegratedRegion<'lambda'>) {}

  public check(functionArn: string, caller: RequestContext): void {
    this.region.api.lambda.checkDelivery(functionArn, caller);
  }
}
