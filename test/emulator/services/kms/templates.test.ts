import { DescribeKeyCommand, GetKeyRotationStatusCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import { CfnAlias, Key } from 'aws-cdk-lib/aws-kms';
import { App, Duration, Stack, Tags } from 'aws-cdk-lib/core';
import { ACCOUNT, CloudInTest, REGION } from './kms-in-test';

function load(test: CloudInTest, build: (stack: Stack) => void) {
  const app = new App();
  build(new Stack(app, 'Keys', { env: { account: ACCOUNT, region: REGION } }));
  return test.emulator.load(app.synth().directory);
}

test("§9: a template's key has the template's settings and aliases", async () => {
  const test = new CloudInTest();
  const [report] = await load(test, (stack) => {
    const key = new Key(stack, 'Key', {
      alias: 'jobs',
      description: 'For jobs',
      enableKeyRotation: true,
      rotationPeriod: Duration.days(180),
      pendingWindow: Duration.days(7),
    });
    Tags.of(key).add('team', 'orders');
    new Key(stack, 'Resting', { enabled: false, enableKeyRotation: true });
  });
  expect(report.resources.map(({ type, status }) => [type, status])).toEqual([
    ['AWS::KMS::Key', 'emulated'],
    ['AWS::KMS::Alias', 'emulated'],
    ['AWS::KMS::Key', 'emulated'],
  ]);
  const [key, alias, resting] = report.resources;
  expect(alias.physicalId).toBe('alias/jobs');
  expect(key.attributes).toEqual({
    KeyId: key.physicalId,
    Arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${key.physicalId}`,
  });
  const described = await test.kms.send(new DescribeKeyCommand({ KeyId: 'alias/jobs' }));
  expect(described.KeyMetadata).toMatchObject({ KeyId: key.physicalId, Description: 'For jobs', KeyState: 'Enabled' });
  const rotation = await test.kms.send(new GetKeyRotationStatusCommand({ KeyId: key.physicalId }));
  expect(rotation).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 180 });
  const { Tags: tags } = await test.kms.send(new ListResourceTagsCommand({ KeyId: key.physicalId }));
  expect(tags).toEqual([{ TagKey: 'team', TagValue: 'orders' }]);
  const disabled = await test.kms.send(new DescribeKeyCommand({ KeyId: resting.physicalId }));
  expect(disabled.KeyMetadata?.KeyState).toBe('Disabled');
});

test('an alias of a key that is not here is reported, with what KMS says', async () => {
  const [{ resources }] = await load(new CloudInTest(), (stack) => {
    new CfnAlias(stack, 'Alias', { aliasName: 'alias/jobs', targetKeyId: '11111111-2222-3333-4444-555555555555' });
  });
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555';
  expect(resources).toMatchObject([
    {
      status: 'unsupported',
      note: `it refers to what is not here, and the app does not make: Key '${key}' does not exist`,
    },
  ]);
});
