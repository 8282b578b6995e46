import { anything, emulated, inert, list, record, required, text } from '../shapes';
import { define } from './define';
import { tagList, tagMap } from './tags';

const machine = 'an instance is a process on this machine';
const network = 'there are no networks';

export const ec2LaunchTemplate = define({
  type: 'AWS::EC2::LaunchTemplate',
  properties: {
    LaunchTemplateData: required(
      emulated(
        record({
          BlockDeviceMappings: inert(anything, machine),
          CpuOptions: inert(anything, machine),
          CreditSpecification: inert(anything, machine),
          DisableApiStop: inert(anything),
          DisableApiTermination: inert(anything),
          EbsOptimized: inert(anything, machine),
          EnclaveOptions: inert(anything, machine),
          HibernationOptions: inert(anything, machine),
          IamInstanceProfile: emulated(record({ Arn: emulated(text), Name: emulated(text) })),
          ImageId: emulated(text, 'told by the instance metadata; nothing of the image is run'),
          InstanceInitiatedShutdownBehavior: inert(anything),
          InstanceType: emulated(text, 'told by the instance metadata'),
          KeyName: inert(anything, machine),
          MetadataOptions: inert(anything, 'the metadata service always wants tokens (IMDSv2)'),
          Monitoring: inert(anything, 'the metrics of instances are not published'),
          NetworkInterfaces: inert(anything, network),
          Placement: inert(anything, machine),
          PrivateDnsNameOptions: inert(anything, network),
          SecurityGroupIds: inert(anything, network),
          SecurityGroups: inert(anything, network),
          TagSpecifications: emulated(list(record({ ResourceType: emulated(text), Tags: emulated(tagList) }))),
          UserData: emulated(text),
        }),
      ),
    ),
    LaunchTemplateName: emulated(text),
    TagSpecifications: inert(anything),
    VersionDescription: inert(text),
  },
  create(resource, cloud) {
    const { LaunchTemplateData: data, LaunchTemplateName } = resource.properties;
    const ofInstances = data.TagSpecifications?.find(({ ResourceType }) => ResourceType === 'instance');
    const { launchTemplateId, version } = cloud.launchTemplates.create(LaunchTemplateName, {
      imageId: data.ImageId,
      instanceType: data.InstanceType,
      userData: data.UserData,
      iamInstanceProfile: data.IamInstanceProfile?.Arn ?? data.IamInstanceProfile?.Name,
      tags: ofInstances?.Tags && tagMap(ofInstances.Tags),
    });
    const versions = { DefaultVersionNumber: String(version), LatestVersionNumber: String(version) };
    return { ref: launchTemplateId, attributes: { ...versions, LaunchTemplateId: launchTemplateId } };
  },
});
