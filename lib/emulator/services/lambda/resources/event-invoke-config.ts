import type { Lambda } from '../lambda';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
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
      OnFailure: emulated(record({ Destination: required(emulated(text, 'of queues, topics and functions')) })),
      OnSuccess: emulated(record({ Destination: required(emulated(text, 'of queues, topics and functions')) })),
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
    exists({ properties: { FunctionName, Qualifier } }, context: ResourceContext<Lambda>) {
      const { FunctionEventInvokeConfigs: configs = [] } = context.service.listFunctionEventInvokeConfigs(
        { FunctionName },
        context.call,
      );
      return configs.some(({ FunctionArn }) => FunctionArn?.endsWith(`:${Qualifier}`));
    },
  },
  create(resource, context: ResourceContext<Lambda>) {
    const { FunctionName, Qualifier } = resource.properties;
    context.service.putFunctionEventInvokeConfig(settingsOf(resource.properties), context.call);
    return { ref: `${FunctionName}|${Qualifier}`, attributes: {} };
  },
  update({ ref, properties: given }, context: ResourceContext<Lambda>) {
    context.service.putFunctionEventInvokeConfig(settingsOf(given), context.call);
    return { ref, attributes: {} };
  },
  delete({ properties: { FunctionName, Qualifier } }, context: ResourceContext<Lambda>) {
    const which = { FunctionName, Qualifier };
    unlessGone(() => context.service.deleteFunctionEventInvokeConfig(which, context.call), 'ResourceNotFoundException');
  },
});

/** A configuration without settings still sets something: no destinations. */
function settingsOf({ DestinationConfig = {}, ...given }: Values<typeof properties>) {
  return { ...given, DestinationConfig };
}
