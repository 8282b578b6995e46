import { type AccessRequest, MalformedPolicy, readPolicy } from '../../../../lib/emulator/core/policy';
import { userId } from '../../../../lib/emulator/core';
import { Random } from '../../../../lib/emulator/clock';

// §1.11, and IAM's rules for policies of resources.

const OWNER = '111122223333';
const FRIEND = '444455556666';
const QUEUE = `arn:aws:sqs:eu-west-1:${OWNER}:Jobs`;
const USER = `arn:aws:iam::${FRIEND}:user/team/ann`;
const SESSION = `arn:aws:sts::${FRIEND}:assumed-role/Worker/i-1`;
const TOPIC = `arn:aws:sns:eu-west-1:${OWNER}:Orders`;

const request = (more: Partial<AccessRequest> = {}): AccessRequest => ({
  principal: SESSION,
  account: FRIEND,
  action: 'sqs:SendMessage',
  resource: QUEUE,
  at: Date.parse('2026-11-22T12:00:00Z'),
  ...more,
});
const fromTopic = { principal: 'sns.amazonaws.com', account: OWNER, sourceArn: TOPIC, sourceAccount: OWNER };
const allow = { Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' };
const policyOf = (...Statement: object[]) => readPolicy(JSON.stringify({ Version: '2012-10-17', Statement }));

/** What a statement that allows everything, but for `more`, says of a request. */
const verdict = (more: object, asked: Partial<AccessRequest> = {}) =>
  policyOf({ ...allow, ...more }).verdict(request(asked));

describe('who: Principal', () => {
  test.each<[who: unknown, asked: Partial<AccessRequest>, allowed: boolean]>([
    ['*', {}, true],
    [{ AWS: '*' }, {}, true],
    [{ AWS: '*' }, fromTopic, true],
    [{ AWS: FRIEND }, {}, true],
    [{ AWS: `arn:aws:iam::${FRIEND}:root` }, {}, true],
    [{ AWS: [OWNER, FRIEND] }, {}, true],
    [{ AWS: OWNER }, {}, false],
    [{ AWS: `arn:aws:iam::${FRIEND}:role/Worker` }, {}, true],
    [{ AWS: `arn:aws:iam::${FRIEND}:role/service/Worker` }, {}, true],
    [{ AWS: `arn:aws:iam::${FRIEND}:role/worker` }, {}, false],
    [{ AWS: `arn:aws:iam::${OWNER}:role/Worker` }, {}, false],
    [{ AWS: SESSION }, {}, true],
    [{ AWS: `${SESSION}0` }, {}, false],
    [{ AWS: userId(SESSION).split(':')[0] }, {}, true],
    [{ AWS: USER }, { principal: USER }, true],
    [{ AWS: USER }, {}, false],
    [{ AWS: USER }, { principal: USER.replace('ann', 'bob') }, false],
    [{ AWS: FRIEND }, { principal: `arn:aws:iam::${FRIEND}:root` }, true],
    [{ AWS: userId(USER) }, { principal: USER }, true],
    [{ AWS: userId(USER) }, {}, false],
    [{ AWS: `arn:aws:iam::${FRIEND}:role/Worker` }, { principal: `arn:aws:iam::${FRIEND}:role/Worker` }, true],
    [{ AWS: `arn:aws:iam::${FRIEND}:user/Worker` }, {}, false],
    [{ AWS: `arn:aws:iam::${FRIEND}:role/i-1` }, {}, false],
    [{ AWS: `arn:aws:iam::${FRIEND}:role/ann` }, { principal: USER }, false],
    [{ AWS: `arn:aws:sts::${FRIEND}:federated-user/ann` }, { principal: USER }, false],
    [
      { AWS: `arn:aws:sts::${FRIEND}:federated-user/ann` },
      { principal: `arn:aws:sts::${FRIEND}:federated-user/ann` },
      true,
    ],
    [{ AWS: `arn:aws:sts::${FRIEND}:assumed-role/Other/i-1` }, {}, false],
    [{ AWS: OWNER, Service: 'sns.amazonaws.com' }, fromTopic, true],
    [{ Service: 'sns.amazonaws.com.cn' }, { ...fromTopic, principal: 'sns.amazonaws.com.cn' }, true],
    [{ CanonicalUser: FRIEND }, {}, false],
    [{ Service: 'sns.amazonaws.com' }, fromTopic, true],
    [{ Service: ['s3.amazonaws.com', 'sns.amazonaws.com'] }, fromTopic, true],
    [{ Service: 's3.amazonaws.com' }, fromTopic, false],
    [{ Service: 'sns.amazonaws.com' }, {}, false],
    [{ AWS: OWNER }, fromTopic, false],
    [{ Federated: 'cognito-identity.amazonaws.com' }, {}, false],
  ])('%j, asked by %j: %s', (Principal, asked, allowed) => {
    expect(verdict({ Principal }, asked)).toBe(allowed ? 'Allow' : undefined);
  });

  test('NotPrincipal: all but these', () => {
    const NotPrincipal = { AWS: [FRIEND, `arn:aws:iam::${FRIEND}:role/Worker`] };
    expect(verdict({ Principal: undefined, NotPrincipal })).toBeUndefined();
    expect(
      verdict({ Principal: undefined, NotPrincipal }, { account: OWNER, principal: `arn:aws:iam::${OWNER}:root` }),
    ).toBe('Allow');
  });
});

describe('what: Action', () => {
  test.each([
    ['sqs:SendMessage', true],
    ['SQS:SendMessage', true],
    ['sqs:sendmessage', true],
    ['sqs:Send*', true],
    ['sqs:*', true],
    ['*', true],
    ['sqs:?endMessage', true],
    [['sqs:ReceiveMessage', 'sqs:SendMessage'], true],
    ['sqs:ReceiveMessage', false],
    ['sqs:SendMessageBatch', false],
    ['sns:*', false],
  ])('%j: %s', (Action, allowed) => {
    expect(verdict({ Action })).toBe(allowed ? 'Allow' : undefined);
    expect(verdict({ Action: undefined, NotAction: Action })).toBe(allowed ? undefined : 'Allow');
  });
});

describe('to what: Resource', () => {
  test.each([
    [QUEUE, true],
    ['*', true],
    [`arn:aws:sqs:*:${OWNER}:*`, true],
    [`arn:aws:sqs:eu-west-1:${OWNER}:J?bs`, true],
    ['arn:aws:sqs:*', true],
    [`arn:aws:sqs:eu-west-1:${OWNER}:jobs`, false],
    [`arn:aws:sqs:us-east-1:${OWNER}:Jobs`, false],
    ['arn:*:Jobs:x:y:z', false],
    // A star does not reach over a colon.
    [`arn:aws:*:${OWNER}:Jobs:x`, false],
  ])('%s: %s', (Resource, allowed) => {
    expect(verdict({ Resource })).toBe(allowed ? 'Allow' : undefined);
    expect(verdict({ Resource: undefined, NotResource: Resource })).toBe(allowed ? undefined : 'Allow');
  });

  test.each([
    // The last part has all that is left, colons included.
    ['arn:aws:sqs:*:*:Jobs', `arn:aws:sqs:eu-west-1:${OWNER}:Other:Jobs`, false],
    ['arn:aws:sqs:*:*:*:Jobs', `arn:aws:sqs:eu-west-1:${OWNER}:Other:Jobs`, true],
    ['arn:aws:sqs:*:*:Oth*', `arn:aws:sqs:eu-west-1:${OWNER}:Other:Jobs`, true],
    [`arn:aws:sqs:*${OWNER}:Jobs`, QUEUE, true],
    [`arn:*:eu-west-1:${OWNER}:Jobs:x`, `arn:aws:sqs:eu-west-1:${OWNER}:Jobs:x`, false],
    ['arn:aws:sqs:?:*:Jobs', QUEUE, false],
    ['arn:aws:sqs:*:*:*', 'Jobs', false],
    ['J*:*:*:*:*:*', 'Jobs', false],
  ])('%s of %s: %s', (Resource, resource, allowed) => {
    expect(verdict({ Resource }, { resource })).toBe(allowed ? 'Allow' : undefined);
  });

  test('one of several is enough, and NotResource excludes each', () => {
    const several = ['arn:aws:sqs:*:*:Other', QUEUE];
    expect(verdict({ Resource: several })).toBe('Allow');
    expect(verdict({ Resource: undefined, NotResource: several })).toBeUndefined();
    expect(verdict({ Resource: several }, { resource: `${QUEUE}s` })).toBeUndefined();
  });

  test('wildcards match what the same regular expression matches', () => {
    const random = new Random(20260);
    const text = (letters: string, longest: number) =>
      Array.from({ length: random.integer(0, longest) }, () => letters[random.integer(0, letters.length - 1)]).join('');
    const prefix = `arn:aws:sqs:eu-west-1:${OWNER}:`;
    for (let round = 0; round < 2_000; round++) {
      const [pattern, value] = [text('ab*?', 6), text('ab', 8)];
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(value);
      const answer = verdict({ Resource: prefix + pattern }, { resource: prefix + value });
      expect([pattern, value, answer]).toEqual([pattern, value, expected ? 'Allow' : undefined]);
    }
  });

  test('none: the resource that has the policy', () => {
    expect(verdict({ Resource: undefined })).toBe('Allow');
  });

  test('variables, in policies of 2012', () => {
    const Resource = QUEUE.replace('Jobs', '${aws:PrincipalAccount}');
    const resource = QUEUE.replace('Jobs', FRIEND);
    expect(verdict({ Resource }, { resource })).toBe('Allow');
    expect(verdict({ Resource })).toBeUndefined();
    const old = readPolicy(JSON.stringify({ Version: '2008-10-17', Statement: { ...allow, Resource } }));
    expect(old.verdict(request({ resource }))).toBeUndefined();
  });
});

describe('when: Condition', () => {
  const DAY = '2026-11-22T00:00:00Z';
  test.each<[condition: object, asked: Partial<AccessRequest>, holds: boolean]>([
    [{ StringEquals: { 'aws:SourceAccount': OWNER } }, fromTopic, true],
    [{ StringEquals: { 'AWS:sourceaccount': [FRIEND, OWNER] } }, fromTopic, true],
    [{ StringEquals: { 'aws:SourceAccount': FRIEND } }, fromTopic, false],
    [{ StringEquals: { 'aws:SourceAccount': OWNER } }, {}, false],
    [{ StringEqualsIfExists: { 'aws:SourceAccount': OWNER } }, {}, true],
    [{ StringEqualsIfExists: { 'aws:SourceAccount': FRIEND } }, fromTopic, false],
    [{ StringNotEquals: { 'aws:SourceAccount': OWNER } }, {}, true],
    [{ StringNotEquals: { 'aws:SourceAccount': [FRIEND, OWNER] } }, fromTopic, false],
    [{ StringEqualsIgnoreCase: { 'aws:PrincipalType': 'assumedrole' } }, {}, true],
    [{ StringNotEqualsIgnoreCase: { 'aws:PrincipalType': 'assumedrole' } }, {}, false],
    [{ StringLike: { 'aws:userid': 'AROA*:i-?' } }, {}, true],
    [{ StringLike: { 'aws:userid': 'AROA*:j-?' } }, {}, false],
    [{ StringNotLike: { 'aws:userid': 'AROA*' } }, {}, false],
    [{ ArnEquals: { 'aws:SourceArn': TOPIC } }, fromTopic, true],
    [{ ArnLike: { 'aws:SourceArn': `arn:aws:sns:*:${OWNER}:Ord*` } }, fromTopic, true],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } }, {}, false],
    [{ ArnLike: { 'aws:SourceArn': `arn:aws:s3:::*` } }, fromTopic, false],
    [{ ArnNotLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } }, fromTopic, false],
    [{ ArnNotEquals: { 'aws:SourceArn': TOPIC } }, {}, true],
    [{ ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${FRIEND}:role/Worker` } }, {}, true],
    [{ StringEquals: { 'aws:PrincipalArn': USER } }, { principal: USER }, true],
    [{ StringEquals: { 'aws:username': 'ann' } }, { principal: USER }, true],
    [{ StringEquals: { 'aws:PrincipalAccount': FRIEND } }, {}, true],
    [{ StringEquals: { 'aws:PrincipalAccount': OWNER } }, fromTopic, false],
    [{ StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }, {}, true],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, {}, true],
    [{ Bool: { 'aws:SecureTransport': false } }, {}, false],
    [{ Bool: { 'aws:PrincipalIsAWSService': 'true' } }, fromTopic, true],
    [{ Null: { 'aws:SourceArn': 'true' } }, {}, true],
    [{ Null: { 'aws:SourceArn': 'false' } }, {}, false],
    [{ Null: { 'aws:SourceArn': false } }, fromTopic, true],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { sourceIp: '203.0.113.7' }, true],
    [{ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '203.0.113.7'] } }, { sourceIp: '203.0.113.7' }, true],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { sourceIp: '::ffff:203.0.113.7' }, true],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { sourceIp: '203.0.114.7' }, false],
    [{ IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }, { sourceIp: '2001:db8::7' }, true],
    [{ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }, {}, false],
    [{ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { sourceIp: '203.0.113.7' }, false],
    [{ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, {}, true],
    [{ DateGreaterThan: { 'aws:CurrentTime': DAY } }, {}, true],
    [{ DateLessThan: { 'aws:CurrentTime': DAY } }, {}, false],
    [{ DateLessThanEquals: { 'aws:EpochTime': '1795348800' } }, {}, true],
    [{ DateGreaterThanEquals: { 'aws:CurrentTime': '1795348800' } }, {}, true],
    [{ DateEquals: { 'aws:CurrentTime': '2026-11-22T12:00:00Z' } }, {}, true],
    [{ DateNotEquals: { 'aws:CurrentTime': '2026-11-22T12:00:00Z' } }, {}, false],
    [{ DateEquals: { 'aws:CurrentTime': '2026-11-22T12:00' } }, {}, true],
    [{ DateEquals: { 'aws:CurrentTime': '2026-11-22T14:00:00.000+02:00' } }, {}, true],
    [{ NumericGreaterThan: { 'aws:EpochTime': 1795348799 } }, {}, true],
    [{ NumericLessThan: { 'aws:EpochTime': '1795348800' } }, {}, false],
    [{ NumericLessThanEquals: { 'aws:EpochTime': '1795348800' } }, {}, true],
    [{ NumericGreaterThanEquals: { 'aws:EpochTime': '1795348801' } }, {}, false],
    [{ NumericEquals: { 'aws:EpochTime': '1795348800.0' } }, {}, true],
    [{ NumericNotEquals: { 'aws:EpochTime': '1795348800' } }, {}, false],
    [{ 'ForAnyValue:StringEquals': { 'aws:SourceAccount': [FRIEND, OWNER] } }, fromTopic, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:SourceAccount': OWNER } }, {}, false],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:SourceAccount': OWNER } }, {}, false],
    [{ 'ForAllValues:StringEquals': { 'aws:SourceAccount': OWNER } }, {}, true],
    [{ 'ForAllValues:StringEquals': { 'aws:SourceAccount': FRIEND } }, fromTopic, false],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }, {}, false],
    [{ StringEquals: { 'aws:SourceAccount': [] } }, fromTopic, false],
    [{ StringEquals: { 'aws:userid': '${aws:userid}' } }, {}, true],
    [{ StringEquals: { 'aws:userid': '${aws:username}' } }, {}, false],
    [{ StringEquals: { 'aws:PrincipalType': "${aws:username, 'AssumedRole'}" } }, {}, true],
    [{}, {}, true],
    [{ StringEquals: { 'aws:PrincipalType': 'assumedrole' } }, {}, false],
    [{ StringEquals: { 'aws:PrincipalType': 'AssumedRole' } }, {}, true],
    [{ StringEquals: { 'aws:PrincipalType': 'User' } }, { principal: USER }, true],
    [{ StringEquals: { 'aws:PrincipalType': 'Account' } }, { principal: `arn:aws:iam::${FRIEND}:root` }, true],
    [{ StringEquals: { 'aws:PrincipalType': ['AssumedRole', 'User', 'Account'] } }, fromTopic, false],
    [{ StringNotEqualsIgnoreCase: { 'aws:PrincipalType': 'user' } }, {}, true],
    [{ StringNotLike: { 'aws:userid': 'AIDA*' } }, {}, true],
    [{ BinaryEquals: { 'aws:username': 'ann' } }, { principal: USER }, true],
    [{ BinaryEquals: { 'aws:username': 'Ann' } }, { principal: USER }, false],
    [{ ArnNotEquals: { 'aws:SourceArn': TOPIC } }, fromTopic, false],
    [{ ArnNotLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } }, fromTopic, true],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:Orders' } }, fromTopic, true],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*:Orders' } }, fromTopic, false],
    [{ ArnEquals: { 'aws:PrincipalArn': SESSION } }, {}, false],
    [{ Null: { 'aws:PrincipalArn': 'true' } }, fromTopic, true],
    [{ Null: { 'aws:userid': 'true' } }, fromTopic, true],
    [{ Null: { 'aws:username': 'true' } }, {}, true],
    [{ Null: { 'aws:SecureTransport': 'false' } }, {}, true],
    [{ Null: { 'aws:SecureTransport': 'true' } }, {}, false],
    [{ Null: { 'aws:PrincipalOrgID': 'true' } }, {}, true],
    [{ Null: { 'aws:SourceArn': ['true', 'false'] } }, {}, true],
    [{ Null: { 'aws:SourceArn': 'TRUE' } }, {}, true],
    [{ Bool: { 'aws:SecureTransport': ['true', 'false'] } }, {}, true],
    [{ Bool: { 'aws:ViaAWSService': 'FALSE' } }, {}, true],
    [{ Bool: { 'aws:ViaAWSService': 'true' } }, {}, false],
    [{ StringNotEquals: { 'aws:SecureTransport': 'true' } }, {}, false],
    [{ StringNotEquals: { 'aws:SecureTransport': 'false' } }, {}, true],
    [{ StringEquals: { 'aws:SecureTransport': "${aws:username, 'true'}" } }, {}, true],
    [{ Bool: { 'aws:PrincipalIsAWSService': 'true' } }, {}, false],
    [{ Bool: { 'aws:PrincipalIsAWSService': 'false' } }, {}, true],
    [{ StringEquals: { 'aws:PrincipalServiceName': 'sns.amazonaws.com' } }, fromTopic, true],
    [{ Null: { 'aws:PrincipalServiceName': 'true' } }, {}, true],
    [{ Null: { 'aws:SourceIp': 'true' } }, { ...fromTopic, sourceIp: '203.0.113.7' }, true],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.7/32' } }, { sourceIp: '203.0.113.7' }, true],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.7/32' } }, { sourceIp: '203.0.113.6' }, false],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.7' } }, { sourceIp: '203.0.113.6' }, false],
    [{ IpAddress: { 'aws:SourceIp': '2001:db8::7/128' } }, { sourceIp: '2001:db8::7' }, true],
    [{ IpAddress: { 'aws:SourceIp': '2001:db8::7' } }, { sourceIp: '2001:db8::6' }, false],
    [{ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }, { sourceIp: 'nowhere' }, false],
    [{ IpAddress: { 'aws:EpochTime': '0.0.0.0/0' } }, {}, false],
    [{ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { sourceIp: '203.0.114.7' }, true],
    [{ DateGreaterThan: { 'aws:CurrentTime': '2026' } }, {}, true],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-12' } }, {}, true],
    [{ DateGreaterThan: { 'aws:CurrentTime': '12345' } }, {}, true],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-11-22T12:00:00.001Z' } }, {}, true],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-11-22T12:00:00.001' } }, {}, true],
    [{ NumericEquals: { 'aws:EpochTime': 1795348800 } }, { at: Date.parse('2026-11-22T12:00:00.999Z') }, true],
    [{ NumericEquals: { 'aws:EpochTime': '${aws:userid}' } }, {}, false],
    [{ 'ForAllValues:StringNotEquals': { 'aws:SourceAccount': OWNER } }, {}, true],
    [{ 'ForAllValues:StringNotEquals': { 'aws:SourceAccount': OWNER } }, fromTopic, false],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:SourceAccount': FRIEND } }, fromTopic, true],
    [{ 'ForAnyValue:StringEqualsIfExists': { 'aws:SourceAccount': OWNER } }, {}, true],
    [{ StringNotEqualsIfExists: { 'aws:SourceAccount': OWNER } }, {}, true],
    [{ StringLike: { 'aws:userid': '${aws:userid}' } }, {}, true],
    [{ StringEquals: { 'aws:username': '${ aws:username }' } }, { principal: USER }, true],
    [{ StringEquals: { 'aws:username': "${aws:username, 'bob'}" } }, { principal: USER }, true],
    [
      { StringLike: { 'aws:PrincipalArn': '*:${aws:PrincipalAccount}:user/*/${aws:username}' } },
      { principal: USER },
      true,
    ],
    [{ StringEquals: { 'aws:PrincipalType': '${}' } }, {}, false],
    [{ StringNotEquals: { 'aws:PrincipalType': '${aws:nothing}' } }, {}, true],
    // All operators and keys must hold.
    [{ ArnLike: { 'aws:SourceArn': TOPIC }, StringEquals: { 'aws:SourceAccount': FRIEND } }, fromTopic, false],
    [{ StringEquals: { 'aws:SourceAccount': OWNER, 'aws:SourceArn': 'other' } }, fromTopic, false],
  ])('%j, asked with %j: %s', (Condition, asked, holds) => {
    expect(verdict({ Condition }, asked)).toBe(holds ? 'Allow' : undefined);
  });
});

describe('comparisons at, below and above the value', () => {
  const NOW = Date.parse('2026-11-22T12:00:00Z') / 1_000;
  const HOLDS: Readonly<Record<string, [below: boolean, at: boolean, above: boolean]>> = {
    Equals: [false, true, false],
    NotEquals: [true, false, true],
    LessThan: [true, false, false],
    LessThanEquals: [true, true, false],
    GreaterThan: [false, false, true],
    GreaterThanEquals: [false, true, true],
  };

  test.each(Object.entries(HOLDS))('Numeric%s, Date%s', (name, holds) => {
    const asked = (operator: string, key: string) =>
      // What the request has is below the wanted value if that is one more.
      [NOW + 1, NOW, NOW - 1].map((wanted) => verdict({ Condition: { [operator]: { [key]: wanted } } }) === 'Allow');
    expect(asked(`Numeric${name}`, 'aws:EpochTime')).toEqual(holds);
    expect(asked(`Date${name}`, 'aws:CurrentTime')).toEqual(holds);
    for (const operator of [`Numeric${name}`, `Date${name}`]) {
      expect(() => verdict({ Condition: { [operator]: { 'aws:EpochTime': 'x' } } })).toThrow(MalformedPolicy);
      // Without a value only what differs from everything holds.
      const absent = verdict({ Condition: { [operator]: { 'aws:MultiFactorAuthAge': NOW } } });
      expect(absent).toBe(name === 'NotEquals' ? 'Allow' : undefined);
    }
  });
});

describe('statements together', () => {
  test('a Deny whose condition does not hold leaves the Allow', () => {
    const deny = { ...allow, Effect: 'Deny', Condition: { StringEquals: { 'aws:username': 'ann' } } };
    const policy = policyOf(deny, allow);
    expect(policy.denies).toBe(true);
    expect(policy.verdict(request())).toBe('Allow');
    expect(policy.verdict(request({ principal: USER }))).toBe('Deny');
  });

  test.each(['2008-10-17', undefined])('policies of version %s have no variables', (Version) => {
    const Condition = { StringEquals: { 'aws:username': '${aws:username}' } };
    const policy = readPolicy(JSON.stringify({ Version, Statement: { ...allow, Condition } }));
    expect(policy.verdict(request({ principal: USER }))).toBeUndefined();
    expect(verdict({ Condition }, { principal: USER })).toBe('Allow');
    // Nor are their values excused from being what their operator wants.
    const numeric = { ...allow, Condition: { StringEquals: { 'aws:SecureTransport': '${x}' } } };
    expect(readPolicy(JSON.stringify({ Version, Statement: { ...numeric, Effect: 'Deny' } })).denies).toBe(false);
  });

  test('an explicit Deny goes before any Allow, wherever it stands', () => {
    const deny = { ...allow, Effect: 'Deny', Action: 'sqs:SendMessage' };
    for (const statements of [
      [allow, deny],
      [deny, allow],
    ]) {
      const policy = policyOf(...statements);
      expect(policy.denies).toBe(true);
      expect(policy.verdict(request())).toBe('Deny');
      expect(policy.verdict(request({ action: 'sqs:ReceiveMessage' }))).toBe('Allow');
    }
    expect(policyOf(allow).denies).toBe(false);
    expect(policyOf().verdict(request())).toBeUndefined();
  });

  test('what can never apply denies nothing: all comes by TLS here', () => {
    const insecure = { ...allow, Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    const policy = policyOf(insecure, allow);
    expect(policy.denies).toBe(false);
    expect(policy.verdict(request())).toBe('Allow');
    const secure = { ...insecure, Condition: { Bool: { 'aws:SecureTransport': 'true' } } };
    expect(policyOf(secure, allow).verdict(request())).toBe('Deny');
  });

  test('a single statement need not be in a list', () => {
    expect(readPolicy(JSON.stringify({ Statement: allow })).verdict(request())).toBe('Allow');
  });

  test('a pattern of many stars is no trap', () => {
    const Resource = `arn:aws:sqs:eu-west-1:${OWNER}:${'*a'.repeat(1_000)}b`;
    expect(verdict({ Resource }, { resource: QUEUE.replace('Jobs', 'a'.repeat(80)) })).toBeUndefined();
  });
});

test.each<[text: string | object, message: RegExp]>([
  ['{', /not valid JSON/],
  ['[]', /must be a JSON object/],
  [{}, /no Statement/],
  [{ Version: '2020-01-01', Statement: [] }, /Version must be 2008-10-17 or 2012-10-17, but was "2020-01-01"/],
  [{ Statement: ['x'] }, /Statement 1 must be a JSON object/],
  [{ Statement: [allow, { ...allow, Effect: 'Permit' }] }, /Effect of Statement 2 must be Allow or Deny/],
  [{ Statement: { ...allow, Principal: undefined } }, /Statement 1 must have either Principal or NotPrincipal/],
  [{ Statement: { ...allow, NotPrincipal: '*' } }, /either Principal or NotPrincipal/],
  [{ Statement: { ...allow, Principal: 'me' } }, /Principal of Statement 1 must be "\*", or a map/],
  [{ Statement: { ...allow, Principal: { AWS: 'me' } } }, /names "me", which is not a principal/],
  [{ Statement: { ...allow, Principal: { AWS: `arn:aws:iam::${OWNER}:role/*` } } }, /which is not a principal/],
  [{ Statement: { ...allow, Principal: { Service: 'sns' } } }, /which is not a principal/],
  [{ Statement: { ...allow, Principal: { Everybody: '*' } } }, /which is not a principal/],
  [{ Statement: { ...allow, Principal: { Service: '*' } } }, /which is not a principal/],
  [{ Statement: { ...allow, Principal: [] } }, /must be "\*", or a map/],
  [{ Statement: { ...allow, Principal: null } }, /must be "\*", or a map/],
  [{ Statement: { ...allow, Principal: { AWS: [] } } }, /Principal of Statement 1\.AWS is empty/],
  ...[
    `arn:aws:iam::${OWNER}:group/a/b`,
    `arn:aws:iam::${OWNER}:role`,
    `arn:aws:iam::${OWNER}:assumed-role/a/b`,
    `arn:aws:iam::${OWNER}:federated-user/a`,
    `arn:aws:iam::1:root`,
    `arn:aws:iam::1:role/a`,
    `arn:aws:s3::${OWNER}:root`,
    `arn:aws:s3::${OWNER}:role/a`,
    `arn:aws:sts::${OWNER}:assumed-role/a`,
    `arn:aws:sts::${OWNER}:federated-user`,
    `arn:aws:sts::${OWNER}:role/a`,
    `arn:aws:iam::${OWNER}:user/a?b`,
    'AIDA1',
    '1234567890123',
  ].map((AWS): [object, RegExp] => [{ Statement: { ...allow, Principal: { AWS } } }, /which is not a principal/]),
  [{ Statement: { ...allow, Principal: { Service: FRIEND } } }, /which is not a principal/],
  [{ Statement: { ...allow, NotResource: '*' } }, /either Resource or NotResource/],
  [{ Statement: { ...allow, NotAction: '*' } }, /either Action or NotAction/],
  [{ Statement: { ...allow, Effect: 'allow' } }, /Effect of Statement 1 must be Allow or Deny/],
  [{ Statement: [null] }, /Statement 1 must be a JSON object/],
  [{ Statement: [[]] }, /Statement 1 must be a JSON object/],
  [{ Statement: { ...allow, Resource: '${?}' }, Version: '2012-10-17' }, /which the emulator does not support/],
  [{ Statement: { ...allow, Resource: '${$}' }, Version: '2012-10-17' }, /which the emulator does not support/],
  [{ Statement: { ...allow, Condition: null } }, /Condition of Statement 1 must be a map/],
  [{ Statement: { ...allow, Condition: [] } }, /Condition of Statement 1 must be a map/],
  [{ Statement: { ...allow, Condition: { StringEquals: 'x' } } }, /Statement 1\.StringEquals must be a map/],
  [{ Statement: { ...allow, Condition: { 'ForSomeValues:StringEquals': { a: 'b' } } } }, /is not a condition operator/],
  [{ Statement: { ...allow, Condition: { constructor: { a: 'b' } } } }, /is not a condition operator/],
  [{ Statement: { ...allow, Condition: { StringEquals: { a: null } } } }, /must be a string, a number, a boolean/],
  [{ Statement: { ...allow, Condition: { NotIpAddress: { a: '1.2.3' } } } }, /must be an IP address or CIDR range/],
  ...['1.2.3.4/', '1.2.3.4/x', '1.2.3.4/8/8', '2001:db8::/129', '1.2.3.4/128'].map((range): [object, RegExp] => [
    { Statement: { ...allow, Condition: { IpAddress: { a: range } } } },
    /must be an IP address or CIDR range/,
  ]),
  [{ Statement: { ...allow, Action: undefined } }, /either Action or NotAction/],
  [{ Statement: { ...allow, Action: [] } }, /Action of Statement 1 is empty/],
  [{ Statement: { ...allow, Action: [1] } }, /must be a string or a list of strings/],
  [
    { Statement: { ...allow, Resource: '${*}', Version: 1 }, Version: '2012-10-17' },
    /\$\{\*\}, which the emulator does not support/,
  ],
  [{ Statement: { ...allow, Condition: 'x' } }, /Condition of Statement 1 must be a map/],
  [{ Statement: { ...allow, Condition: { Sounds: { a: 'b' } } } }, /Statement 1\.Sounds is not a condition operator/],
  [{ Statement: { ...allow, Condition: { Bool: { a: 'yes' } } } }, /Bool\.a must be "true" or "false", but was "yes"/],
  [
    { Statement: { ...allow, Condition: { IpAddress: { a: '1.2.3' } } } },
    /IpAddress\.a must be an IP address or CIDR range/,
  ],
  [{ Statement: { ...allow, Condition: { IpAddress: { a: '1.2.3.4/33' } } } }, /an IP address or CIDR range/],
  [{ Statement: { ...allow, Condition: { DateLessThan: { a: 'soon' } } } }, /must be a date, but was "soon"/],
  [{ Statement: { ...allow, Condition: { DateLessThan: { a: 'Nov 22, 2026' } } } }, /must be a date/],
  [{ Statement: { ...allow, Condition: { NumericEquals: { a: '' } } } }, /must be a number, but was ""/],
  [{ Statement: { ...allow, Condition: { Null: { a: 'maybe' } } } }, /must be "true" or "false"/],
  [{ Statement: { ...allow, Condition: { StringEquals: { a: {} } } } }, /must be a string, a number, a boolean/],
])('%j is refused', (policy, message) => {
  const read = () => readPolicy(typeof policy === 'string' ? policy : JSON.stringify(policy));
  expect(read).toThrow(MalformedPolicy);
  expect(read).toThrow(message);
});
