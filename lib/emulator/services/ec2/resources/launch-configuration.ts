import type { Ec2 } from '../ec2';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { AwsError } from '../../../core';
import { LARGEST_USER_DATA, userDataSize } from '../ec2';
import { anything, emulated, flag, inert, naming, required, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const machine = 'an instance is a process on this machine';

/**
 * The predecessor of launch templates, which CDK creates for a group unless a feature flag is set. Here it is a launch
 * template of the same name. Launch configurations cannot be changed: any change is a replacement.
 */
export const autoScalingLaunchConfiguration = define({
  type: 'AWS::AutoScaling::LaunchConfiguration',
  note: 'a launch template of the same name stands for it',
  properties: {
    AssociatePublicIpAddress: inert(flag, 'there are no networks'),
    BlockDeviceMappings: inert(anything, machine),
    EbsOptimized: inert(flag, machine),
    IamInstanceProfile: emulated(text),
    ImageId: required(emulated(text, 'told by the instance metadata; nothing of the image is run')),
    InstanceMonitoring: inert(anything, 'the metrics of instances are not published'),
    InstanceType: required(emulated(text, 'told by the instance metadata')),
    KeyName: inert(text, machine),
    LaunchConfigurationName: naming(emulated(text)),
    MetadataOptions: inert(anything, 'the metadata service always wants tokens (IMDSv2)'),
    PlacementTenancy: inert(text, machine),
    SecurityGroups: inert(anything, 'there are no networks'),
    UserData: emulated(text),
  },
  create(resource, context: ResourceContext<Ec2>) {
    const { LaunchConfigurationName, ImageId, InstanceType, UserData, IamInstanceProfile } = resource.properties;
    const name = LaunchConfigurationName ?? resource.name({ longest: 128 });
    if (userDataSize({ userData: UserData }) > LARGEST_USER_DATA) {
      const constraint = 'Member must have length less than or equal to 21847'; // counted in base64
      throw new AwsError('ValidationError', `Value at 'userData' failed to satisfy constraint: ${constraint}`);
    }
    context.service.create(name, {
      imageId: ImageId,
      instanceType: InstanceType,
      userData: UserData,
      iamInstanceProfile: IamInstanceProfile,
    });
    return { ref: name, attributes: {} };
  },
  delete({ ref }, context: ResourceContext<Ec2>) {
    unlessGone(() => context.service.delete(ref), 'InvalidLaunchTemplateName.NotFoundException');
  },
});
