import type { FunctionUrlAuthType } from '@aws-sdk/client-lambda';
import type { Lambda } from '../lambda';
import { AwsError } from '../../../core';
import { type ResourceContext, UnsupportedResource } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { emulated, flag, inert, replacing, required, text } from '../../../cloudformation/provider/shapes';

/** A statement of a function's resource policy. */
export const lambdaPermission = define({
  type: 'AWS::Lambda::Permission',
  properties: {
    Action: replacing(required(emulated(text))),
    EventSourceToken: replacing(emulated(text)),
    FunctionName: replacing(required(emulated(text))),
    FunctionUrlAuthType: replacing(emulated(text)),
    InvokedViaFunctionUrl: replacing(inert(flag, 'there are no function URLs')),
    Principal: replacing(required(emulated(text))),
    PrincipalOrgID: replacing(emulated(text)),
    SourceAccount: replacing(emulated(text)),
    SourceArn: replacing(emulated(text)),
  },
  create(resource, context: ResourceContext<Lambda>) {
    const { InvokedViaFunctionUrl: _, FunctionUrlAuthType, ...given } = resource.properties;
    const StatementId = resource.name({ longest: 100 });
    const permission = { ...given, StatementId, FunctionUrlAuthType: FunctionUrlAuthType as FunctionUrlAuthType };
    try {
      context.service.addPermission(permission, context.call);
    } catch (error) {
      const missing = error instanceof AwsError && error.shape === 'ResourceNotFoundException';
      if (!missing) throw error;
      throw new UnsupportedResource(`the function ${given.FunctionName} is not emulated`);
    }
    return { ref: StatementId, attributes: { Id: StatementId } };
  },
  delete({ ref: StatementId, properties: { FunctionName } }, context: ResourceContext<Lambda>) {
    unlessGone(
      () => context.service.removePermission({ FunctionName, StatementId }, context.call),
      'ResourceNotFoundException',
    );
  },
});
