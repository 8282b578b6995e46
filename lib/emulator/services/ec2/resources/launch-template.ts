import type { Ec2 } from '../ec2';
import type { LaunchTemplateData } from '..';
import {
  anything,
  emulated,
  inert,
  list,
  naming,
  record,
  required,
  text,
} from '../../../cloudformation/provider/shapes';
import type { CreatedResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagList, tagMap } from '../../../cloudformation/provider/tags';

const machine = 'an instance is a process on this machine';
const network = 'there are no networks';

const data = record({
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
  InstanceMarketOptions: emulated(
    record({
      MarketType: emulated(text, 'told by the metadata'),
      SpotOptions: inert(anything, 'Spot Instances cost nothing; interruptions come when a test says so'),
    }),
  ),
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
});

export const ec2LaunchTemplate = define({
  type: 'AWS::EC2::LaunchTemplate',
  properties: {
    LaunchTemplateData: required(emulated(data)),
    LaunchTemplateName: naming(emulated(text)),
    TagSpecifications: inert(anything),
    VersionDescription: inert(text),
  },
  create({ properties: { LaunchTemplateData, LaunchTemplateName } }, context: ResourceContext<Ec2>) {
    const { launchTemplateId } = context.service.create(LaunchTemplateName, launchData(LaunchTemplateData));
    return described(launchTemplateId, context);
  },
  update({ ref, properties: { LaunchTemplateData } }, context: ResourceContext<Ec2>) {
    context.service.createVersion(ref, launchData(LaunchTemplateData));
    return described(ref, context);
  },
  delete({ ref }, context: ResourceContext<Ec2>) {
    unlessGone(() => context.service.delete(ref), 'InvalidLaunchTemplateId.NotFound');
  },
});

function launchData(given: ReturnType<typeof data.read>): LaunchTemplateData {
  const ofInstances = given.TagSpecifications?.find(({ ResourceType }) => ResourceType === 'instance');
  return {
    imageId: given.ImageId,
    instanceType: given.InstanceType,
    userData: given.UserData,
    iamInstanceProfile: given.IamInstanceProfile?.Arn ?? given.IamInstanceProfile?.Name,
    tags: ofInstances?.Tags && tagMap(ofInstances.Tags),
    spot: given.InstanceMarketOptions?.MarketType === 'spot',
  };
}

function described(launchTemplateId: string, context: ResourceContext<Ec2>): CreatedResource {
  const { defaultVersion, latestVersion } = context.service.versions(launchTemplateId);
  const versions = { DefaultVersionNumber: String(defaultVersion), LatestVersionNumber: String(latestVersion) };
  return { ref: launchTemplateId, attributes: { ...versions, LaunchTemplateId: launchTemplateId } };
}
