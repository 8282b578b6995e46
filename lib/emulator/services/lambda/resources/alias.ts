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
  create(resource, cloud) {
    const { FunctionName, FunctionVersion, Name, Description, RoutingConfig } = resource.properties;
    const { AliasArn = '' } = cloud.lambda.createAlias(
      {
        FunctionName,
        FunctionVersion,
        Name,
        Description,
        RoutingConfig: toRouting(RoutingConfig?.AdditionalVersionWeights),
      },
      cloud.call,
    );
    return { ref: AliasArn, attributes: { AliasArn } };
  },
  update({ ref, attributes, properties }, cloud) {
    const { FunctionName, FunctionVersion, Name, Description = '', RoutingConfig } = properties;
    const routing = toRouting(RoutingConfig?.AdditionalVersionWeights);
    cloud.lambda.updateAlias({ FunctionName, FunctionVersion, Name, Description, RoutingConfig: routing }, cloud.call);
    return { ref, attributes };
  },
  delete({ properties: { FunctionName, Name } }, cloud) {
    unlessGone(() => cloud.lambda.deleteAlias({ FunctionName, Name }, cloud.call), 'ResourceNotFoundException');
  },
});

function toRouting(weights: readonly VersionWeight[] = []): AliasRoutingConfiguration {
  return {
    AdditionalVersionWeights: Object.fromEntries(
      weights.map(({ FunctionVersion, FunctionWeight }) => [FunctionVersion, FunctionWeight]),
    ),
  };
}
