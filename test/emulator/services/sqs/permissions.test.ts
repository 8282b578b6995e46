import type { RequestContext } from '../../../../lib/emulator/core';
import { Random } from '../../../../lib/emulator/clock';
import { readQueuePolicy } from '../../../../lib/emulator/integrations/sqs-policies';
import { Sqs } from '../../../../lib/emulator/services/sqs';
import { ACCOUNT, arn, CALL, errorOf, REGION, SqsInTest } from './sqs-in-test';

const FRIEND = '111111111111';

describe('AddPermission, RemovePermission (§1.2, §1.4)', () => {
  const request = { QueueUrl: 'q', Label: 'friends', AWSAccountIds: [FRIEND], Actions: ['SendMessage'] };
  const policyOf = (t: SqsInTest) => JSON.parse(t.attributes('q', 'Policy').Policy ?? 'null') as unknown;
  const add = (t: SqsInTest, more: object = {}) => t.sqs.addPermission({ ...request, ...more }, CALL);

  test('each label is a statement of the policy', () => {
    const t = new SqsInTest();
    t.create('q');
    add(t);
    add(t, { Label: 'more', AWSAccountIds: [FRIEND, ACCOUNT], Actions: ['ReceiveMessage', 'DeleteMessage'] });
    const friends = {
      Sid: 'friends',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${FRIEND}:root` },
      Action: 'SQS:SendMessage',
      Resource: arn('q'),
    };
    const more = {
      ...friends,
      Sid: 'more',
      Principal: { AWS: [`arn:aws:iam::${FRIEND}:root`, `arn:aws:iam::${ACCOUNT}:root`] },
      Action: ['SQS:ReceiveMessage', 'SQS:DeleteMessage'],
    };
    const frame = { Version: '2008-10-17', Id: `${arn('q')}/SQSDefaultPolicy` };
    expect(policyOf(t)).toEqual({ ...frame, Statement: [friends, more] });
    t.sqs.removePermission({ QueueUrl: 'q', Label: 'friends' }, CALL);
    expect(policyOf(t)).toEqual({ ...frame, Statement: [more] });
    t.sqs.removePermission({ QueueUrl: 'q', Label: 'more' }, CALL);
    expect(policyOf(t)).toBeNull();
  });

  test('a policy that was set keeps its version and its statements', () => {
    const t = new SqsInTest();
    t.create('q', { Policy: '{"Version":"2012-10-17","Statement":{"Sid":"own","Effect":"Deny"}}' });
    add(t);
    expect(policyOf(t)).toMatchObject({ Version: '2012-10-17', Statement: [{ Sid: 'own' }, { Sid: 'friends' }] });
  });

  test.each([
    [
      { Label: 'friends' },
      'InvalidParameterValue',
      'Value friends for parameter Label is invalid. Reason: Already exists.',
    ],
    [{ Label: '' }, 'MissingParameter', 'The request must contain the parameter Label.'],
    [{ Label: 'a b' }, 'InvalidParameterValue', 'alphanumeric characters, hyphens, or underscores. 1 to 80 in length.'],
    [{ Label: 'x'.repeat(81) }, 'InvalidParameterValue', '1 to 80 in length.'],
    [{ Label: 'x', AWSAccountIds: [] }, 'MissingParameter', 'AWSAccountIds'],
    [
      { Label: 'x', AWSAccountIds: ['you'] },
      'InvalidParameterValue',
      'Value you for parameter PrincipalId is invalid.',
    ],
    [{ Label: 'x', Actions: [] }, 'MissingParameter', 'Actions'],
    [
      { Label: 'x', Actions: ['CreateQueue'] },
      'InvalidParameterValue',
      'Only the queue owner is allowed to invoke this action.',
    ],
    [{ Label: 'x', Actions: ['Dance'] }, 'InvalidParameterValue', 'Value Dance for parameter ActionName is invalid.'],
    [{ Label: 'x', Actions: Array.from({ length: 8 }, () => 'SendMessage') }, 'OverLimit', 'maximum allowed is 7.'],
  ])('%j is refused', (more, code, message) => {
    const t = new SqsInTest();
    t.create('q');
    add(t);
    const error = errorOf(() => add(t, more));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  test('a label that is not there cannot be removed', () => {
    const t = new SqsInTest();
    t.create('q');
    expect(errorOf(() => t.sqs.removePermission({ QueueUrl: 'q', Label: 'x' }, CALL))).toEqual({
      code: 'InvalidParameterValue',
      status: 400,
      message: "Value x for parameter Label is invalid. Reason: can't find label.",
    });
  });

  test('there are at most 20 statements', () => {
    const t = new SqsInTest();
    t.create('q');
    for (let i = 0; i < 20; i++) add(t, { Label: `l${i}` });
    expect(errorOf(() => add(t, { Label: 'l20' })).code).toBe('OverLimit');
  });
});

describe('policy limits (§1.3)', () => {
  const statement = (more: object) => ({ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*', ...more });
  const many = (count: number) => Array.from({ length: count }, (_, i) => String(100_000_000_000 + i));

  test.each([
    ['21 statements', Array.from({ length: 21 }, () => statement({}))],
    ['51 principals', [statement({ Principal: { AWS: many(51) } })]],
    [
      '11 conditions',
      [statement({ Condition: { StringEquals: Object.fromEntries(many(11).map((key) => [key, 'x'])) } })],
    ],
    ['8 actions', [statement({ Action: many(8) })]],
  ])('%s are too many, one less is not', (_, Statement) => {
    const t = new SqsInTest({ policySize: 100_000 });
    t.create('q');
    expect(errorOf(() => t.set('q', { Policy: JSON.stringify({ Statement }) })).code).toBe('OverLimit');
    const lax = new SqsInTest({
      policySize: 100_000,
      policyStatements: 21,
      policyPrincipals: 51,
      policyConditions: 11,
      policyActions: 8,
    });
    lax.create('q');
    expect(() => lax.set('q', { Policy: JSON.stringify({ Statement }) })).not.toThrow();
  });

  test('8,192 bytes fit, one more does not', () => {
    const t = new SqsInTest();
    t.create('q');
    const policy = (bytes: number) => JSON.stringify({ Id: 'x'.repeat(bytes - 9) });
    expect(policy(8_192)).toHaveLength(8_192);
    t.set('q', { Policy: policy(8_192) });
    expect(errorOf(() => t.set('q', { Policy: policy(8_193) })).code).toBe('InvalidAttributeValue');
  });
});

describe('access to a queue (§1.11)', () => {
  const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:Orders`;
  const fromTopic: RequestContext = {
    ...CALL,
    principal: 'sns.amazonaws.com',
    sourceArn: TOPIC,
    sourceAccount: ACCOUNT,
  };
  const statement = (more: object) => ({ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*', ...more });
  const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
  const withPolicy = (Policy?: string, limits = {}) => {
    const t = new SqsInTest(limits, 7, { authorize: readQueuePolicy });
    t.create('q', Policy === undefined ? {} : { Policy });
    return t;
  };
  const sendAs = (t: SqsInTest, call: RequestContext) => () =>
    t.sqs.sendMessage({ QueueUrl: 'q', MessageBody: 'x' }, call);

  test('a service may do what the policy allows for its source ARN, also in the same account', () => {
    const allowed = { Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn('q') };
    const t = withPolicy(policyOf(statement({ ...allowed, Condition: { ArnEquals: { 'aws:SourceArn': TOPIC } } })));
    sendAs(t, fromTopic)();
    expect(t.bodies('q')).toEqual(['x']);
    for (const call of [
      { ...fromTopic, sourceArn: `${TOPIC}2` },
      { ...fromTopic, sourceArn: undefined },
      { ...fromTopic, principal: 's3.amazonaws.com' },
    ]) {
      expect(errorOf(sendAs(t, call))).toMatchObject({ code: 'AccessDenied', status: 403 });
    }
    expect(errorOf(sendAs(withPolicy(), fromTopic))).toEqual({
      code: 'AccessDenied',
      status: 403,
      message: `User: sns.amazonaws.com is not authorized to perform: sqs:sendmessage on resource: ${arn('q')} because no resource-based policy allows the sqs:sendmessage action`,
    });
  });

  test('a denied request counts as use of the queue (§2)', async () => {
    const t = withPolicy(policyOf(statement({ Effect: 'Deny', Action: 'sqs:SendMessage' })));
    const metrics = () => t.sqs.collectMetrics(t.clock.now() - 60_000).length;
    await t.wait(7 * 3_600);
    expect(metrics()).toBe(0);
    expect(sendAs(t, CALL)).toThrow('explicit deny');
    await t.wait(60);
    expect(metrics()).toBeGreaterThan(0);
  });

  test('a change of the policy acts when changes of settings do', async () => {
    const t = withPolicy(undefined, { settingsPropagation: 60_000 });
    t.set('q', { Policy: policyOf(statement({ Effect: 'Deny' })) });
    sendAs(t, CALL)();
    await t.wait(60);
    expect(sendAs(t, CALL)).toThrow('explicit deny');
  });
});

describe('other accounts and regions (§1.1, §1.4)', () => {
  function world() {
    const t = new SqsInTest();
    const { clock, timeline } = t;
    const places = new Map<string, Sqs>();
    const neighbour = (account: string, region: string) => places.get(`${account}/${region}`);
    const place = (account: string, region: string) => {
      const sqs = new Sqs({ clock, timeline, random: new Random(3), account, region, neighbour });
      places.set(`${account}/${region}`, sqs);
      return sqs;
    };
    const call: RequestContext = { ...CALL, account: FRIEND, principal: `arn:aws:iam::${FRIEND}:user/friend` };
    const ours = place(ACCOUNT, REGION);
    const QueueUrl = ours.createQueue({ QueueName: 'shared' }, CALL).QueueUrl ?? '';
    return { ours, theirs: place(FRIEND, REGION), elsewhere: place(ACCOUNT, 'us-east-1'), call, QueueUrl };
  }

  test("a queue URL is served by the queue's owner, whoever calls", () => {
    const { ours, theirs, call, QueueUrl } = world();
    theirs.createQueue({ QueueName: 'shared' }, call);
    theirs.sendMessage({ QueueUrl, MessageBody: 'hello' }, call);
    expect(ours.counts('shared')?.visible).toBe(1);
    expect(theirs.counts('shared')?.visible).toBe(0);
    const received = theirs.receiveMessage({ QueueUrl, MessageSystemAttributeNames: ['SenderId'] }, call);
    expect(received).toMatchObject({
      Messages: [{ Body: 'hello', Attributes: { SenderId: expect.stringMatching(/^AIDA/) as string } }],
    });
    const found = theirs.getQueueUrl({ QueueName: 'shared', QueueOwnerAWSAccountId: ACCOUNT }, call);
    expect(found).toEqual({ QueueUrl });
    expect(theirs.listDeadLetterSourceQueues({ QueueUrl }, call).queueUrls).toEqual([]);
    theirs.purgeQueue({ QueueUrl }, call);
    expect(errorOf(() => theirs.getQueueUrl({ QueueName: 'none', QueueOwnerAWSAccountId: ACCOUNT }, call)).code).toBe(
      'AWS.SimpleQueueService.NonExistentQueue',
    );
  });

  test('some actions are never for others', () => {
    const { theirs, call, QueueUrl } = world();
    const Label = 'l';
    const denied: Record<string, () => unknown> = {
      addpermission: () => theirs.addPermission({ QueueUrl, Label, AWSAccountIds: [FRIEND], Actions: ['*'] }, call),
      removepermission: () => theirs.removePermission({ QueueUrl, Label }, call),
      deletequeue: () => theirs.deleteQueue({ QueueUrl }, call),
      setqueueattributes: () => theirs.setQueueAttributes({ QueueUrl, Attributes: {} }, call),
      listqueuetags: () => theirs.listQueueTags({ QueueUrl }, call),
      tagqueue: () => theirs.tagQueue({ QueueUrl, Tags: {} }, call),
      untagqueue: () => theirs.untagQueue({ QueueUrl, TagKeys: [] }, call),
    };
    for (const [action, attempt] of Object.entries(denied)) {
      expect(errorOf(attempt)).toEqual({
        code: 'AccessDenied',
        status: 403,
        message: `User: ${call.principal} is not authorized to perform: sqs:${action} on resource: ${arn('shared')}`,
      });
    }
    const start = () => theirs.startMessageMoveTask({ SourceArn: arn('shared') }, call);
    expect(errorOf(start).code).toBe('ResourceNotFoundException');
  });

  test.each([
    'https://sqs.us-east-1.amazonaws.com/',
    'https://sqs-fips.us-east-1.api.aws/',
    'http://sqs.us-east-1.localhost:4566/',
    'http://us-east-1.queue.localhost:4566/',
    'http://localhost:4566/queue/us-east-1/',
  ])('the region in %s counts', (base) => {
    const { ours, elsewhere } = world();
    elsewhere.createQueue({ QueueName: 'there' }, CALL);
    ours.sendMessage({ QueueUrl: `${base}${ACCOUNT}/there`, MessageBody: 'x' }, CALL);
    expect(elsewhere.counts('there')?.visible).toBe(1);
    expect(() => ours.sendMessage({ QueueUrl: `${base}${ACCOUNT}/shared`, MessageBody: 'x' }, CALL)).toThrow();
  });

  test.each(['/shared', 'x/shared', `http://127.0.0.1:4566/${FRIEND}0/shared`, `http://h/999999999999/shared`, ''])(
    '%p leads nowhere',
    (QueueUrl) => {
      const { ours } = world();
      expect(errorOf(() => ours.sendMessage({ QueueUrl, MessageBody: 'x' }, CALL)).code).toBe(
        QueueUrl === '' ? 'MissingParameter' : 'AWS.SimpleQueueService.NonExistentQueue',
      );
    },
  );

  test.each(['shared', `https://queue.amazonaws.com/${ACCOUNT}/shared`, `http://127.0.0.1:4566/${ACCOUNT}/shared`])(
    '%s is the caller’s own',
    (QueueUrl) => {
      const { ours } = world();
      ours.sendMessage({ QueueUrl, MessageBody: 'x' }, CALL);
      expect(ours.counts('shared')?.visible).toBe(1);
    },
  );
});
