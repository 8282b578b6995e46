import { AwsError } from '../../core';
import { defineService } from '../service-definition';
import { parseReference } from './parameters/names';
import { PARAMETER_ENCRYPTION } from './ports';
import { protocol } from './protocol';
import { cdkCrossRegionProviders } from './resources/cdk-cross-region';
import { ssmParameter } from './resources/parameter';
import { type ParameterView, Ssm } from './ssm';
import { testing } from './testing';

export { PARAMETER_ENCRYPTION, type ParameterEncryption } from './ports';
export { Ssm, type ParameterView } from './ssm';

/** AWS Systems Manager's Parameter Store. */
export const ssm = defineService<'ssm', Ssm, object, { readonly parameters: readonly ParameterView[] }, typeof testing>(
  {
    name: 'ssm',
    protocol,
    errors: {
      throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
      internal: { shape: 'InternalServerError' },
    },
    resourceTypes: [ssmParameter, ...cdkCrossRegionProviders],
    resourcesOf: ({ Name, Names }) =>
      [Name, Names].flat().flatMap((name) => (typeof name === 'string' ? [parseReference(name).name] : [])),
    testing,
    status: { sections: ['parameters'], of: (service) => ({ parameters: service.parameters() }) },
    create: ({ clock, timeline, account, region, use }) =>
      new Ssm({ clock, timeline, account, region, encryption: () => use(PARAMETER_ENCRYPTION) }),
  },
);
