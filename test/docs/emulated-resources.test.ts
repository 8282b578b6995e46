import { readFileSync } from 'node:fs';
import { RESOURCE_TYPES as providers } from '../../lib/emulator/services';
import { emulatedResources, PAGE } from './emulated-resources';

test('docs/emulated-resources.md says what the providers say: `npm run docs:resources` writes it anew', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(emulatedResources());
});

test('there is one provider for a type, and what one makes it can delete', () => {
  const types = providers.map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  const undeletable = providers.filter((provider) => provider.status === 'emulated' && provider.delete === undefined);
  expect(undeletable.map(({ type }) => type)).toEqual([
    'AWS::CloudFormation::Stack', // what is in it is deleted instead
    'Custom::CrossRegionExportReader', // it makes nothing
  ]);
});

test.each([
  ['AWS::SQS::Queue', 'FifoQueue', 'QueueName'],
  ['AWS::SQS::QueuePolicy'],
  ['AWS::SQS::QueueInlinePolicy', 'Queue'],
  ['AWS::Lambda::EventSourceMapping', 'EventSourceArn', 'StartingPosition', 'StartingPositionTimestamp'],
  ['AWS::AutoScaling::AutoScalingGroup', 'AutoScalingGroupName'],
  ['AWS::AutoScaling::ScalingPolicy', 'AutoScalingGroupName'],
  ['AWS::AutoScaling::LifecycleHook', 'AutoScalingGroupName', 'LifecycleHookName'],
  ['AWS::AutoScaling::WarmPool', 'AutoScalingGroupName'],
  ['AWS::CloudWatch::Alarm', 'AlarmName'],
  ['AWS::CloudWatch::CompositeAlarm', 'AlarmName'],
])('§9 of %s, updates of these require replacement: %s %s', (type, ...names) => {
  const provider = providers.find((each) => each.type === type);
  expect(provider?.update).toBeDefined();
  const replacing = Object.entries(provider?.properties ?? {}).filter(([, property]) => property.replaces === true);
  expect(replacing.map(([name]) => name).sort()).toEqual(names);
});
