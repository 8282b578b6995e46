import type { RequestContext } from '../core';
import type { RotationFunctions } from '../services/secretsmanager';
import type { IntegratedRegion } from './index';

/** The functions of one account and Region, as Secrets Manager rotates secrets with them. */
export class LambdaRotationFunctions implements RotationFunctions {
  constructor(private readonly place: IntegratedRegion<'lambda'>) {}

  public check(functionArn: string, caller: RequestContext): void {
    this.place.api.lambda.checkDelivery(functionArn, caller);
  }

  public async invoke(functionArn: string, event: object, caller: RequestContext): Promise<string | undefined> {
    const input = { FunctionName: functionArn, Payload: Buffer.from(JSON.stringify(event)) };
    const { FunctionError, Payload } = await this.place.api.lambda.invoke(input, caller);
    return FunctionError === undefined ? undefined : Buffer.from(Payload ?? []).toString();
  }
}
