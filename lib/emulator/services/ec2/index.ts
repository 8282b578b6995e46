import { defineService } from '../service-definition';
import { Ec2 } from './ec2';
import { autoScalingLaunchConfiguration } from './resources/launch-configuration';
import { ec2LaunchTemplate } from './resources/launch-template';

export * from './ec2';

/** Amazon EC2: launch templates. */
export const ec2 = defineService<'ec2', Ec2>({
  name: 'ec2',
  resourceTypes: [ec2LaunchTemplate, autoScalingLaunchConfiguration],
  create: ({ random }) => new Ec2({ random }),
});
