import type { Lambda } from '../lambda';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { AwsError } from '../../../core';
import { anything, emulated, inert, replacing, required, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';

/** Versions never change: a change of a property replaces the version. */
export const lambdaVersion = define({
  type: 'AWS::Lambda::Version',
  properties: {
    CodeSha256: replacing(emulated(text)),
    Description: replacing(emulated(text)),
    FunctionName: replacing(required(emulated(text))),
    FunctionScalingConfig: inert(anything, 'there are no capacity providers'),
    ProvisionedConcurrencyConfig: inert(anything, 'environments are started when they are needed'),
    RuntimePolicy: inert(anything, 'code runs on the runtimes of this machine'),
  },
  create(resource, context: ResourceContext<Lambda>) {
    const { FunctionName, CodeSha256, Description } = resource.properties;
    const { FunctionArn = '', Version = '' } = context.service.publishVersion(
      { FunctionName, CodeSha256, Description },
      context.call,
    );
    return { ref: FunctionArn, attributes: { FunctionArn, Version } };
  },
  update: ({ ref, attributes }) => ({ ref, attributes }), // the remaining properties have no effect
  async delete({ ref }, context: ResourceContext<Lambda>) {
    try {
      await context.service.deleteFunction({ FunctionName: ref }, context.call);
    } catch (error) {
      if (!(error instanceof AwsError && error.shape === 'ResourceNotFoundException')) throw error;
    }
  },
});
