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
import type { PropertyReport } from '../../../cloudformation/provider/report';
import { isEmulatedDestination } from '../functions/event-invoke-configs';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const properties = {
  DestinationConfig: emulated(
    record({
      OnFailure: emulated(
        record({ Destination: required(emulated(text, 'of queues, topics, functions and event buses')) }),
      ),
      OnSuccess: emulated(
        record({ Destination: required(emulated(text, 'of queues, topics, functions and event buses')) }),
      ),
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
    return { ref: `${FunctionName}|${Qualifier}`, attributes: {}, review: reviewOf(resource.properties) };
  },
  update({ ref, properties: given }, context: ResourceContext<Lambda>) {
    context.service.putFunctionEventInvokeConfig(settingsOf(given), context.call);
    return { ref, attributes: {}, review: reviewOf(given) };
  },
  delete({ properties: { FunctionName, Qualifier } }, context: ResourceContext<Lambda>) {
    const which = { FunctionName, Qualifier };
    unlessGone(() => context.service.deleteFunctionEventInvokeConfig(which, context.call), 'ResourceNotFoundException');
  },
});

type Given = Values<typeof properties>;

/** Destinations that are not emulated, such as buckets, get nothing. */
function reviewOf({ DestinationConfig: given }: Given): PropertyReport[] {
  const arns = [given?.OnSuccess, given?.OnFailure].flatMap((each) => each?.Destination ?? []);
  return arns
    .filter((arn) => !isEmulatedDestination(arn))
    .map((arn) => ({ name: 'DestinationConfig', status: 'unsupported', note: `nothing is sent to ${arn}` }));
}

/** A configuration without settings still sets something: no destinations. */
function settingsOf({ DestinationConfig = {}, ...given }: Given): Given {
  const emulatedOf = (name: 'OnSuccess' | 'OnFailure') => {
    const destination = DestinationConfig[name];
    return destination !== undefined && isEmulatedDestination(destination.Destination) ? { [name]: destination } : {};
  };
  return { ...given, DestinationConfig: { ...emulatedOf('OnSuccess'), ...emulatedOf('OnFailure') } };
}
