import { anything, emulated, inert, required, text } from '../shapes';
import { define } from './define';

/** Readable by the parameters and the dynamic references of stacks that are deployed later. */
export const ssmParameter = define({
  type: 'AWS::SSM::Parameter',
  properties: {
    AllowedPattern: inert(text),
    DataType: inert(text),
    Description: inert(text),
    Name: emulated(text),
    Policies: inert(text),
    Tags: inert(anything),
    Tier: inert(text),
    Type: required(emulated(text)),
    Value: required(emulated(text)),
  },
  create(resource, cloud) {
    const { Name: name = resource.name({ longest: 2048 }), Type, Value } = resource.properties;
    cloud.ssmParameters.set(name, Value);
    return { ref: name, attributes: { Type, Value } };
  },
});
