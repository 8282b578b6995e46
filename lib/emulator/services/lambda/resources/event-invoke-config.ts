import {
  emulated,
  integer,
  record,
  replacing,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const properties = {
  DestinationConfig: emulated(
    record({
      OnFailure: emulated(record({ Destination: required(emulated(text, 'of queues')) })),
      OnSuccess: emulated(record({ Destination: required(emulated(text, 'of queues')) })),
    }),
  ),
  FunctionName: replacing(required(emulated(text))),
  MaximumEventAgeInSeconds: emulated(integer),
  MaximumRetryAttempts: emulated(integer),
  Qualifier: replacing(required(emulated(text))),
};

export const lambdaEventInvokeConfig = define({
  type: 'AWS::Lambda::EventInvokeConfig',
  properties,
  unique: {
    name: ({ properties: { FunctionName, Qualifier } }) => `${FunctionName}|${Qualifier}`,
    exists({ properties: { FunctionName, Qualifier } }, cloud) {
      const { FunctionEventInvokeConfigs: configs = [] } = cloud.lambda.listFunctionEventInvokeConfigs(
        { FunctionName },
        cloud.call,
      );
      return configs.some(({ FunctionArn }) => FunctionArn?.endsWith(`:${Qualifier}`));
    },
  },
  create(resource, cloud) {
    const { FunctionName, Qualifier } = resource.properties;
    cloud.lambda.putFunctionEventInvokeConfig(settingsOf(resource.properties), cloud.call);
    return { ref: `${FunctionName}|${Qualifier}`, attributes: {} };
  },
  update({ ref, properties: given }, cloud) {
    cloud.lambda.putFunctionEventInvokeConfig(settingsOf(given), cloud.call);
    return { ref, attributes: {} };
  },
  delete({ properties: { FunctionName, Qualifier } }, cloud) {
    const which = { FunctionName, Qualifier };
    unlessGone(() => cloud.lambda.deleteFunctionEventInvokeConfig(which, cloud.call), 'ResourceNotFoundException');
  },
});

/** Without any setting there is still something to configure: no destinations. */
function settingsOf({ DestinationConfig = {}, ...given }: Values<typeof properties>) {
  return { ...given, DestinationConfig };
}
