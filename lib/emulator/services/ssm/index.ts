import { defineService } from '../service-definition';
import { cdkCrossRegionProviders } from './resources/cdk-cross-region';
import { ssmParameter } from './resources/parameter';
import { Ssm } from './ssm';

export { Ssm };

/** AWS Systems Manager: the parameters that templates write and read. */
export const ssm = defineService<'ssm', Ssm>({
  name: 'ssm',
  resourceTypes: [ssmParameter, ...cdkCrossRegionProviders],
  create: () => new Ssm(),
});
