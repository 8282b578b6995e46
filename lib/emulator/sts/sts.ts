import type { GetCallerIdentityCommandInput, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import type { Call } from '../api';

/** AWS's Security Token Service, as far as it says who calls. */
export class Sts {
  /** The caller, as its credentials say. A root user's id is its account's. */
  public getCallerIdentity(_input: GetCallerIdentityCommandInput, call: Call): GetCallerIdentityResponse {
    return { UserId: call.account, Account: call.account, Arn: call.principal };
  }
}
