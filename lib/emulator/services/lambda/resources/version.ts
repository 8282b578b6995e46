import { AwsError } from '../../../core';
import { anything, emulated, inert, replacing, required, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';

/** Versions never change: any other property is another version. */
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
  create(resource, cloud) {
    const { FunctionName, CodeSha256, Description } = resource.properties;
    const { FunctionArn = '', Version = '' } = cloud.lambda.publishVersion(
      { FunctionName, CodeSha256, Description },
      cloud.call,
    );
    return { ref: FunctionArn, attributes: { FunctionArn, Version } };
  },
  update: ({ ref, attributes }) => ({ ref, attributes }), // what is left to change is inert
  async delete({ ref }, cloud) {
    try {
      await cloud.lambda.deleteFunction({ FunctionName: ref }, cloud.call);
    } catch (error) {
      if (!(error instanceof AwsError && error.shape === 'ResourceNotFoundException')) throw error;
    }
  },
});
