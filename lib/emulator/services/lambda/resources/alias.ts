import type { Lambda } from '../lambda';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import type { AliasRoutingConfiguration } from '@aws-sdk/client-lambda';
import {
  anything,
  emulated,
  inert,
  list,
  naming,
  number,
  record,
  replacing,
  required,
  text,
} from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

interface VersionWeight {
  readonly FunctionVersion: string;
  readonly FunctionWeight: number;
}

export const lambdaAlias = define({
  type: 'AWS::Lambda::Alias',
  properties: {
    Description: emulated(text),
    FunctionName: replacing(required(emulated(text))),
    FunctionVersion: required(emulated(text)),
    Name: naming(required(emulated(text))),
    ProvisionedConcurrencyConfig: inert(anything, 'environments are started when they are needed'),
    RoutingConfig: emulated(
      record({
        AdditionalVersionWeights: emulated(
          list(record({ FunctionVersion: required(emulated(text)), FunctionWeight: required(emulated(number)) })),
        ),
      }),
    ),
  },
  create(resource, context: ResourceContext<Lambda>) {
    const { FunctionName, FunctionVersion, Name, Description, RoutingConfig } = resource.properties;
    const { AliasArn = '' } = context.service.createAlias(
      {
        FunctionName,
        FunctionVersion,
        Name,
        Description,
        RoutingConfig: toRouting(RoutingConfig?.AdditionalVersionWeights),
      },
      context.call,
    );
    return { ref: AliasArn, attributes: { AliasArn } };
  },
  update({ ref, attributes, properties }, context: ResourceContext<Lambda>) {
    const { FunctionName, FunctionVersion, Name, Description = '', RoutingConfig } = properties;
    const routing = toRouting(RoutingConfig?.AdditionalVersionWeights);
    context.service.updateAlias(
      { FunctionName, FunctionVersion, Name, Description, RoutingConfig: routing },
      context.call,
    );
    return { ref, attributes };
  },
  delete({ properties: { FunctionName, Name } }, context: ResourceContext<Lambda>) {
    unlessGone(() => context.service.deleteAlias({ FunctionName, Name }, context.call), 'ResourceNotFoundException');
  },
});

function toRouting(weights: readonly VersionWeight[] = []): AliasRoutingConfiguration {
  return {
    AdditionalVersionWeights: Object.fromEntries(
      weights.map(({ FunctionVersion, FunctionWeight }) => [FunctionVersion, FunctionWeight]),
    ),
  };
}
