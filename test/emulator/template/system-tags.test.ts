import type { JsonObject } from '../../../lib/emulator/template';
import { arn, cloudOfVersions, queue } from './cloud-of-versions';

const template = (more: JsonObject = {}, Tags: JsonObject[] = [{ Key: 'team', Value: 'video' }]): JsonObject => ({
  Jobs: queue({ QueueName: 'jobs', Tags }),
  Key: { Type: 'AWS::KMS::Key', Properties: { Tags } },
  Fn: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'handle',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: 'exports.handler = async () => {}' },
      Tags,
      ...more,
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: arn('Jobs'), FunctionName: { Ref: 'Fn' }, Tags },
  },
  Launch: {
    Type: 'AWS::AutoScaling::LaunchConfiguration',
    Properties: { ImageId: 'ami-1', InstanceType: 't3.micro' },
  },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      AutoScalingGroupName: 'workers',
      LaunchConfigurationName: { Ref: 'Launch' },
      MinSize: 0,
      MaxSize: 1,
      VPCZoneIdentifier: ['subnet-1'],
      Tags: Tags.map((tag) => ({ ...tag, PropagateAtLaunch: false })),
    },
  },
  Deep: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      Namespace: 'App',
      MetricName: 'Depth',
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 1,
      Tags,
    },
  },
  Any: { Type: 'AWS::CloudWatch::CompositeAlarm', Properties: { AlarmRule: 'FALSE', Tags } },
  Board: {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: { DashboardName: 'board', DashboardBody: '{"widgets":[]}', Tags },
  },
});

/** The tags of each resource of the template, sorted. */
async function tagsOf(cloud: ReturnType<typeof cloudOfVersions>): Promise<Record<string, Record<string, string>>> {
  const { sqs, kms, lambda, cloudWatch, autoScaling, resource } = cloud;
  const listed = (tags: { Key?: string; Value?: string }[] = []) =>
    Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  const ofCloudWatch = async (ResourceARN: string) =>
    listed((await cloudWatch.listTagsForResource({ ResourceARN })).Tags);
  const ofLambda = async (Resource: string) => (await lambda.listTags({ Resource })).Tags ?? {};
  const attribute = (id: string, name: string) => resource(id).attributes[name] as string;
  const key = await kms.listResourceTags({ KeyId: resource('Key').physicalId });
  return {
    Jobs: (await sqs.listQueueTags({ QueueUrl: resource('Jobs').physicalId })).Tags ?? {},
    Key: listed(key.Tags?.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue }))),
    Fn: await ofLambda(attribute('Fn', 'Arn')),
    Mapping: await ofLambda(attribute('Mapping', 'EventSourceMappingArn')),
    Group: listed((await autoScaling.describeTags({})).Tags),
    Deep: await ofCloudWatch(attribute('Deep', 'Arn')),
    Any: await ofCloudWatch(attribute('Any', 'Arn')),
    Board: await ofCloudWatch('arn:aws:cloudwatch::000000000000:dashboard/board'),
  };
}

const TAGGED = ['Fn', 'Mapping', 'Group', 'Deep', 'Any', 'Board'];

/** What CloudFormation adds to the tags of a resource of the stack App. */
const system = (logicalId: string): Record<string, unknown> => ({
  'aws:cloudformation:logical-id': logicalId,
  'aws:cloudformation:stack-id': expect.stringMatching(
    /^arn:aws:cloudformation:us-east-1:000000000000:stack\/App\//,
  ) as unknown,
  'aws:cloudformation:stack-name': 'App',
});

test("CloudFormation's own tags are on all that AWS puts them on, not on queues and keys; updates leave them", async () => {
  const cloud = cloudOfVersions();
  const expected = (own: Record<string, string>) => ({
    Jobs: own,
    Key: own,
    ...Object.fromEntries(TAGGED.map((id) => [id, { ...own, ...system(id) }])),
  });
  await cloud.app(template());
  expect(await tagsOf(cloud)).toEqual(expected({ team: 'video' }));
  await cloud.app(
    template({}, [
      { Key: 'team', Value: 'audio' },
      { Key: 'stage', Value: 'beta' },
    ]),
  );
  expect(await tagsOf(cloud)).toEqual(expected({ team: 'audio', stage: 'beta' }));
  await cloud.app(template({ Description: 'x' }, []));
  expect(await tagsOf(cloud)).toEqual(expected({}));
});

test('they are 51st to 53rd of 50 tags, and callers can neither set nor remove them', async () => {
  const cloud = cloudOfVersions();
  const { lambda, cloudWatch, autoScaling, resource } = cloud;
  const fifty = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
  await cloud.app(template({}, fifty.slice(0, 49)));
  const one = { k49: 'v' };
  const name = 'aws:cloudformation:stack-name';
  const Resource = resource('Mapping').attributes.EventSourceMappingArn as string;
  const ResourceARN = resource('Deep').attributes.Arn as string;
  const ofGroup = (Key: string) => [
    { ResourceId: 'workers', ResourceType: 'auto-scaling-group', Key, Value: 'v', PropagateAtLaunch: false },
  ];
  await lambda.tagResource({ Resource, Tags: one });
  await cloudWatch.tagResource({ ResourceARN, Tags: fifty.slice(49) });
  await autoScaling.createOrUpdateTags({ Tags: ofGroup('k49') });
  expect(Object.keys((await tagsOf(cloud)).Mapping)).toHaveLength(53);

  const refused = async (call: Promise<unknown>, message: string) => expect(call).rejects.toThrow(message);
  await refused(lambda.tagResource({ Resource, Tags: { k50: 'v' } }), 'exceeds resource tag limit');
  await refused(cloudWatch.tagResource({ ResourceARN, Tags: [{ Key: 'k50', Value: 'v' }] }), 'at most 50 tags');
  await refused(autoScaling.createOrUpdateTags({ Tags: ofGroup('k50') }), 'at most 50 tags, got 51');
  const ofLambda = 'aws: prefixed tag key names are not allowed for external use.';
  await refused(lambda.tagResource({ Resource, Tags: { [name]: 'v' } }), ofLambda);
  await refused(lambda.untagResource({ Resource, TagKeys: [name] }), ofLambda);
  await refused(cloudWatch.tagResource({ ResourceARN, Tags: [{ Key: name, Value: 'v' }] }), 'aws: is reserved');
  await refused(cloudWatch.untagResource({ ResourceARN, TagKeys: [name] }), 'aws: is reserved');
  await refused(autoScaling.createOrUpdateTags({ Tags: ofGroup(name) }), 'do not begin with aws: are allowed');
  await refused(autoScaling.deleteTags({ Tags: ofGroup(name) }), 'do not begin with aws: are allowed');
});

test('a mapping with a tag that is refused is not created', async () => {
  const { app, lambda } = cloudOfVersions();
  const { Jobs, Fn } = template();
  await app({ Jobs, Fn });
  const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:jobs';
  const mapping = { EventSourceArn, FunctionName: 'handle', Tags: { 'aws:x': 'v' } };
  await expect(lambda.createEventSourceMapping(mapping)).rejects.toThrow('aws: prefixed tag key names');
  expect((await lambda.listEventSourceMappings({})).EventSourceMappings).toEqual([]);
});
