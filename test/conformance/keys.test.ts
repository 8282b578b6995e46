import type { ConformanceCloud, Refusal } from './cloud';
import { conformance } from './rows';

/** A call of KMS, which speaks AWS JSON 1.1 only. */
async function kms(cloud: ConformanceCloud, action: string, input: object): Promise<string> {
  const { status, text } = await cloud.raw({
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${action}` },
    body: JSON.stringify(input),
  });
  if (status !== 200) throw new Error(`${action} was refused with ${status}: ${text}`);
  return text;
}

/** A queue under a key of its own. */
async function encrypted(cloud: ConformanceCloud) {
  const { KeyMetadata } = JSON.parse(await kms(cloud, 'CreateKey', {})) as { KeyMetadata: { KeyId: string } };
  const { KeyId } = KeyMetadata;
  return {
    KeyId,
    QueueUrl: await cloud.create('Queue', { KmsMasterKeyId: KeyId, KmsDataKeyReusePeriodSeconds: '60' }),
  };
}

const refusal = (shape: string, code: string): Refusal => ({ shape, code: `KMS.${code}`, message: /.+/ });
const notFound = refusal('KmsNotFound', 'NotFoundException');
const disabled = refusal('KmsDisabled', 'DisabledException');
const invalidState = refusal('KmsInvalidState', 'InvalidStateException');
const accessDenied = refusal('KmsAccessDenied', 'AccessDeniedException');
const invalidKeyUsage = refusal('KmsInvalidKeyUsage', 'InvalidKeyUsageException');
const throttled = refusal('KmsThrottled', 'ThrottlingException');

conformance('§1.11 SSE-KMS', {
  'a message from end to end': async (cloud) => {
    const { QueueUrl } = await encrypted(cloud);
    await cloud.send(QueueUrl, 'secret');
    expect(await cloud.bodies(QueueUrl)).toEqual(['secret']);
  },
  'under the AWS-managed key': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { KmsMasterKeyId: 'alias/aws/sqs' });
    await cloud.send(QueueUrl, 'secret');
    expect(await cloud.bodies(QueueUrl)).toEqual(['secret']);
  },
  'the AWS-managed key is for its own account alone': async (cloud) => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sqs:*', Resource: '*' },
    });
    const QueueUrl = await cloud.create('Queue', { KmsMasterKeyId: 'alias/aws/sqs', Policy });
    const friend = { accessKeyId: '111122223333' };
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x' }, accessDenied, friend);
    await cloud.send(QueueUrl, 'x');
    await cloud.refuses('ReceiveMessage', { QueueUrl }, accessDenied, friend);
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'a key serves callers of another account that its policy allows': async (cloud) => {
    const { KeyId, QueueUrl } = await encrypted(cloud);
    const Permission = { Label: 'friends', AWSAccountIds: ['111122223333'], Actions: ['*'] };
    await cloud.call('AddPermission', { QueueUrl, ...Permission });
    const friend = { accessKeyId: '111122223333' };
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'secret' }, accessDenied, friend);
    const Principal = { AWS: ['000000000000', '111122223333'] };
    const Statement = { Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' };
    await kms(cloud, 'PutKeyPolicy', { KeyId, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
    await cloud.call('SendMessage', { QueueUrl, MessageBody: 'secret' }, friend);
    const { Messages } = await cloud.call('ReceiveMessage', { QueueUrl }, friend);
    expect(Messages?.map(({ Body }) => Body)).toEqual(['secret']);
  },
  '§1.2 a key that does not exist': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { KmsMasterKeyId: '1234abcd-12ab-34cd-56ef-1234567890ab' });
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x' }, notFound);
  },
  '§1.2 a disabled key, once the data key is used up; enabled again': async (cloud) => {
    const { KeyId, QueueUrl } = await encrypted(cloud);
    await cloud.send(QueueUrl, 'x');
    await kms(cloud, 'DisableKey', { KeyId });
    await cloud.wait(61);
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'y' }, disabled);
    await cloud.refuses('ReceiveMessage', { QueueUrl }, disabled);
    await kms(cloud, 'EnableKey', { KeyId });
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  '§1.2 a key that awaits its deletion': async (cloud) => {
    const { KeyId, QueueUrl } = await encrypted(cloud);
    await kms(cloud, 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x' }, invalidState);
  },
  'turning encryption off leaves what was encrypted before': async (cloud) => {
    const { QueueUrl } = await encrypted(cloud);
    await cloud.send(QueueUrl, 'before');
    await cloud.set(QueueUrl, { KmsMasterKeyId: '' });
    await cloud.send(QueueUrl, 'after');
    expect(await cloud.bodies(QueueUrl)).toEqual(['before', 'after']);
  },
  '§1.2 a key that is not for encryption by KMS alone': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { KmsMasterKeyId: 'alias/mac' });
    const created = await kms(cloud, 'CreateKey', { KeyUsage: 'GENERATE_VERIFY_MAC', KeySpec: 'HMAC_256' });
    const { KeyMetadata } = JSON.parse(created) as { KeyMetadata: { KeyId: string } };
    await kms(cloud, 'CreateAlias', { AliasName: 'alias/mac', TargetKeyId: KeyMetadata.KeyId });
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x' }, invalidKeyUsage);
  },
  '§1.2 a batch is refused as a whole': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { KmsMasterKeyId: 'alias/none' });
    const Entries = [{ Id: 'a', MessageBody: 'x' }];
    await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, notFound);
  },
});

const denied = new Set<string>();

conformance(
  '§1.2 a caller whom KMS denies the key',
  {
    'GenerateDataKey, to send; Decrypt, to receive; sending needs no Decrypt': async (cloud) => {
      const { QueueUrl } = await encrypted(cloud);
      const deny = (...actions: string[]) => {
        denied.clear();
        for (const action of actions) denied.add(action);
      };
      deny('GenerateDataKey');
      await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x' }, accessDenied);
      deny('Decrypt');
      await cloud.send(QueueUrl, 'x');
      await cloud.refuses('ReceiveMessage', { QueueUrl }, accessDenied);
      deny();
      expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
    },
  },
  { authorizeKey: ({ action }) => !denied.has(action) },
);

conformance(
  '§1.2 more requests than KMS takes in a second',
  {
    'each principal’s first send asks KMS; beyond the quota SQS passes the refusal on': async (cloud) => {
      const { QueueUrl } = await encrypted(cloud);
      await cloud.send(QueueUrl, 'x');
      await cloud.refuses('ReceiveMessage', { QueueUrl }, throttled);
      await cloud.wait(1);
      expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
    },
  },
  { kmsLimits: { symmetricRequestsPerSecond: 1 } },
);
