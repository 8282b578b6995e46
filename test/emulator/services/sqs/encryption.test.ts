import { AwsError } from '../../../../lib/emulator/core';
import type { KeyService } from '../../../../lib/emulator/services/sqs';
import { arn, CALL, errorOf, redrive, SqsInTest } from './sqs-in-test';

/** A key service that counts what it is asked, and refuses what it is told to. */
class Keys implements KeyService {
  readonly asked: string[] = [];
  refusal?: AwsError;

  generateDataKey({ keyId, context, user: { principal } }: Parameters<KeyService['generateDataKey']>[0]) {
    if (this.refusal !== undefined) throw this.refusal;
    this.asked.push(`generate ${keyId} ${context['aws:sqs:arn']} ${principal}`);
    const plaintext = Buffer.alloc(32, this.asked.length);
    return { plaintext, ciphertext: Buffer.concat([Buffer.from('sealed'), plaintext]) };
  }

  decrypt({ ciphertext, context, user: { principal } }: Parameters<KeyService['decrypt']>[0]) {
    if (this.refusal !== undefined) throw this.refusal;
    this.asked.push(`decrypt ${context['aws:sqs:arn']} ${principal}`);
    return ciphertext.subarray('sealed'.length);
  }
}

const KMS = { KmsMasterKeyId: 'alias/mine' };

function encrypted(attributes: Record<string, string> = {}) {
  const keys = new Keys();
  const t = new SqsInTest({ fifoTransactions: Infinity }, 7, { encryption: keys });
  t.create('q', { ...KMS, ...attributes });
  return { t, keys };
}

describe('encryption under KMS (§1.11, §7.1)', () => {
  test('a body comes back as it was sent, with its digest; the queue keeps it encrypted', () => {
    const { t } = encrypted();
    const body = 'confidential ü 😀'.repeat(50);
    const { MD5OfMessageBody } = t.send('q', body);
    expect(t.receive('q', { VisibilityTimeout: 0 })).toMatchObject([{ Body: body, MD5OfBody: MD5OfMessageBody }]);
    const held = JSON.stringify(t.sqs, skipCycles());
    expect(held).toContain('"md5"');
    expect(held).not.toContain('confidential');
  });

  test('KMS is asked once per principal, direction and reuse period', async () => {
    const { t, keys } = encrypted({ KmsDataKeyReusePeriodSeconds: '60' });
    const as = (principal: string) => ({ ...CALL, principal: `arn:aws:sts::123456789012:assumed-role/${principal}` });
    const send = (who: string) => t.sqs.sendMessage({ QueueUrl: 'q', MessageBody: 'x' }, as(who));
    for (const who of ['a/1', 'a/1', 'a/2', 'b/1']) send(who); // sessions of a role share the key
    expect(keys.asked).toHaveLength(2);
    for (let i = 0; i < 3; i++) t.receive('q', { VisibilityTimeout: 0 });
    expect(keys.asked.slice(2)).toEqual([
      `decrypt ${arn('q')} ${CALL.principal}`,
      `decrypt ${arn('q')} ${CALL.principal}`,
    ]);
    await t.wait(59);
    send('a/3');
    expect(keys.asked).toHaveLength(4);
    await t.wait(1);
    send('a/3');
    t.receive('q');
    expect(keys.asked.slice(4).map((text) => text.split(' ')[0])).toEqual([
      'generate',
      'decrypt',
      'decrypt',
      'decrypt',
    ]);
  });

  test.each([
    ['AccessDeniedException', 'KMS.AccessDeniedException', 400],
    ['DisabledException', 'KMS.DisabledException', 400],
    ['InvalidKeyUsageException', 'KMS.InvalidKeyUsageException', 400],
    ['KMSInvalidStateException', 'KMS.InvalidStateException', 400],
    ['NotFoundException', 'KMS.NotFoundException', 400],
    ['ThrottlingException', 'KMS.ThrottlingException', 400],
    ['OptInRequired', 'KMS.OptInRequired', 403],
  ])('%s is %s in SQS (§1.2)', async (shape, code, status) => {
    const { t, keys } = encrypted({ KmsDataKeyReusePeriodSeconds: '60' });
    t.send('q', 'before');
    keys.refusal = new AwsError(shape, 'no');
    t.send('q', 'the cached key still works');
    await t.wait(60);
    const refusal = { code, status, message: 'no' };
    expect(errorOf(() => t.send('q', 'x'))).toEqual(refusal);
    const entries = [{ Id: 'a', MessageBody: 'x' }];
    expect(errorOf(() => t.sqs.sendMessageBatch({ QueueUrl: 'q', Entries: entries }, CALL))).toEqual(refusal);
    expect(errorOf(() => t.receive('q'))).toEqual(refusal);
    // Nothing was received: the messages are as they were.
    expect(t.sqs.counts('q')).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
    expect(errorOf(() => t.receive('q', { VisibilityTimeout: 0 }))).toEqual(refusal);
    keys.refusal = undefined;
    const names = { MessageSystemAttributeNames: ['ApproximateReceiveCount' as const] };
    expect(t.receive('q', names).map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).toEqual(['1', '1']);
    expect(t.sqs.counts('q')).toEqual({ visible: 0, inFlight: 2, delayed: 0 });
  });

  test('a parked receive ends with the error, and leaves the message', async () => {
    const { t, keys } = encrypted();
    t.send('q', 'first');
    t.delete('q', t.receive('q')[0]);
    keys.refusal = new AwsError('DisabledException', 'off');
    const poll = t.poll('q', 20, {}, { principal: 'arn:aws:iam::123456789012:user/stranger' });
    t.send('q', 'second');
    await t.wait(0);
    expect(poll.error).toMatchObject({ shape: 'KmsDisabled' });
    expect(t.bodies('q')).toEqual(['second']); // the tester's key is still cached
  });

  test('enabling is not retroactive, disabling leaves old messages encrypted and readable', () => {
    const { t, keys } = encrypted();
    t.send('q', 'encrypted');
    t.set('q', { SqsManagedSseEnabled: 'true' });
    t.send('q', 'plain');
    expect(t.bodies('q', { VisibilityTimeout: 0 })).toEqual(['encrypted', 'plain']);
    expect(keys.asked).toHaveLength(2);
  });

  test('a dead letter stays under the source’s key; a move task encrypts anew for its destination', async () => {
    const { t, keys } = encrypted();
    t.create('dead');
    t.set('q', { RedrivePolicy: redrive('dead', 1) });
    t.send('q', 'poison');
    t.receive('q', { VisibilityTimeout: 0 });
    t.receive('q');
    await t.wait(3_600);
    expect(t.bodies('dead', { VisibilityTimeout: 0 })).toEqual(['poison']);
    expect(keys.asked.at(-1)).toBe(`decrypt ${arn('q')} ${CALL.principal}`);
    t.create('target', { KmsMasterKeyId: 'alias/other' });
    const task = () => t.sqs.listMessageMoveTasks({ SourceArn: arn('dead') }, CALL).Results?.[0];
    keys.refusal = new AwsError('DisabledException', 'off');
    t.sqs.startMessageMoveTask({ SourceArn: arn('dead'), DestinationArn: arn('target') }, CALL);
    await t.wait(1);
    expect(task()).toMatchObject({ Status: 'FAILED', FailureReason: 'KMS.DisabledException' });
    keys.refusal = undefined;
    t.sqs.startMessageMoveTask({ SourceArn: arn('dead'), DestinationArn: arn('target') }, CALL);
    await t.wait(1);
    expect(keys.asked.at(-1)).toBe(`generate alias/other ${arn('target')} ${CALL.principal}`);
    expect(t.bodies('target')).toEqual(['poison']);
  });

  test('a FIFO queue deduplicates by the plaintext of the body', () => {
    const keys = new Keys();
    const t = new SqsInTest({}, 7, { encryption: keys });
    t.create('q.fifo', { ...KMS, ContentBasedDeduplication: 'true' });
    for (let i = 0; i < 2; i++) t.send('q.fifo', 'same', { MessageGroupId: 'g' });
    expect(t.bodies('q.fifo')).toEqual(['same']);
  });
});

function skipCycles() {
  const seen = new Set<unknown>();
  return (_: string, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return undefined;
    seen.add(value);
    return value instanceof Map ? [...(value as Map<unknown, unknown>)] : value;
  };
}
