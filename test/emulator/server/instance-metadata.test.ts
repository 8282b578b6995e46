import { HOUR, Random, VirtualClock } from '../../../lib/emulator/clock';
import { fromInstanceMetadata } from '@smithy/credential-provider-imds';
import { InstanceMetadata, MetadataEndpoint, type InstanceFacts } from '../../../lib/emulator/server';

let clock: VirtualClock;
let instance: InstanceFacts | undefined;
let metadata: InstanceMetadata;

beforeEach(() => {
  clock = new VirtualClock();
  instance = {
    instanceId: 'i-0123456789abcdef0',
    imageId: 'ami-0abc',
    instanceType: 't3.small',
    availabilityZone: 'us-east-1a',
    privateIp: '10.0.1.7',
    targetLifecycleState: 'InService',
  };
  metadata = new InstanceMetadata({
    clock,
    random: new Random(5),
    account: '111122223333',
    region: 'us-east-1',
    instance: () => instance,
    role: {
      name: 'worker',
      profile: 'workers',
      credentials: (expiresAt) => ({ accessKeyId: `until ${expiresAt}`, secretAccessKey: 's', sessionToken: 't' }),
    },
  });
});

function token(ttl = '60', headers: Record<string, string> = {}) {
  return metadata.handle({
    method: 'PUT',
    path: '/latest/api/token',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': ttl, ...headers },
  });
}

function get(path: string, withToken = token().body) {
  return metadata.handle({ method: 'GET', path, headers: { 'x-aws-ec2-metadata-token': withToken } });
}

test('nothing without a token, nor with one that has expired', async () => {
  const path = '/latest/meta-data/instance-id';
  expect(metadata.handle({ method: 'GET', path, headers: {} }).status).toBe(401);
  expect(get(path, 'made up').status).toBe(401);
  const issued = token('60');
  expect(issued).toMatchObject({ status: 200, headers: { 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': '60' } });
  await clock.advance(59_999);
  expect(get(path, issued.body)).toMatchObject({ status: 200, body: 'i-0123456789abcdef0' });
  await clock.advance(1);
  expect(get(path, issued.body).status).toBe(401);
});

test('a token must be asked for properly', () => {
  for (const ttl of ['0', '21601', '-1', 'x', '']) expect(token(ttl).status).toBe(400);
  expect(token('21600').status).toBe(200);
  expect(token('60', { 'x-forwarded-for': '10.0.0.9' }).status).toBe(403);
  expect(metadata.handle({ method: 'GET', path: '/latest/api/token', headers: {} }).status).toBe(405);
  expect(metadata.handle({ method: 'POST', path: '/latest/meta-data/', headers: {} }).status).toBe(405);
});

test('leaves and folders', () => {
  expect(get('/').body).toBe('latest');
  expect(get('/latest/').body).toBe('dynamic\nmeta-data');
  expect(get('/latest/meta-data/').body.split('\n')).toEqual([
    'ami-id',
    'autoscaling/',
    'hostname',
    'iam/',
    'instance-id',
    'instance-life-cycle',
    'instance-type',
    'local-hostname',
    'local-ipv4',
    'mac',
    'placement/',
    'services/',
  ]);
  expect(get('/latest/meta-data/placement').body).toBe('availability-zone\nregion');
  expect(get('/latest/meta-data/placement/availability-zone').body).toBe('us-east-1a');
  expect(get('/latest/meta-data/hostname').body).toBe('ip-10-0-1-7.ec2.internal');
  expect(get('/latest/meta-data/mac').body).toMatch(/^0a(:[0-9a-f]{2}){5}$/);
  expect(get('/latest/meta-data/iam/security-credentials/').body).toBe('worker');
  for (const path of [
    '/latest/meta-data/spot/instance-action',
    '/latest/meta-data/nothing',
    '/1.0/',
    '/latest/user-data',
  ])
    expect(get(path).status).toBe(404);
  const identity = JSON.parse(get('/latest/dynamic/instance-identity/document').body) as object;
  expect(identity).toMatchObject({ accountId: '111122223333', instanceId: 'i-0123456789abcdef0', region: 'us-east-1' });
});

test('the target lifecycle state is live; an instance that is gone has no metadata', () => {
  const path = '/latest/meta-data/autoscaling/target-lifecycle-state';
  expect(get(path).body).toBe('InService');
  instance = { ...(instance as InstanceFacts), targetLifecycleState: 'Terminated' };
  expect(get(path).body).toBe('Terminated');
  instance = undefined;
  expect(get(path).status).toBe(404);
});

test('§6 Spot: there is nothing about interruptions and risks until EC2 has something to say', () => {
  const at = Date.UTC(2030, 0, 1, 0, 2);
  const paths = ['spot/instance-action', 'spot/termination-time', 'events/recommendations/rebalance'];
  const read = () => paths.map((path) => get(`/latest/meta-data/${path}`));
  expect(read().map(({ status }) => status)).toEqual([404, 404, 404]);
  expect(get('/latest/meta-data/').body).not.toMatch(/spot|events/);
  expect(get('/latest/meta-data/instance-life-cycle').body).toBe('on-demand');
  instance = { ...(instance as InstanceFacts), isSpot: true, interruptedAt: at, rebalanceRecommendedAt: at - 60_000 };
  expect(read().map(({ body }) => body)).toEqual([
    '{"action":"terminate","time":"2030-01-01T00:02:00Z"}',
    '2030-01-01T00:02:00Z',
    '{"noticeTime":"2030-01-01T00:01:00Z"}',
  ]);
  expect(get('/latest/meta-data/instance-life-cycle').body).toBe('spot');
});

test('credentials are renewed each hour', async () => {
  const path = '/latest/meta-data/iam/security-credentials/worker';
  expect(JSON.parse(get(path).body)).toMatchObject({
    Code: 'Success',
    Type: 'AWS-HMAC',
    AccessKeyId: `until ${Date.parse('2030-01-01T06:00:00Z')}`,
    SecretAccessKey: 's',
    Token: 't',
    LastUpdated: '2030-01-01T00:00:00Z',
    Expiration: '2030-01-01T06:00:00Z',
  });
  await clock.advance(1.5 * HOUR);
  expect(JSON.parse(get(path).body)).toMatchObject({
    AccessKeyId: `until ${Date.parse('2030-01-01T07:00:00Z')}`,
    LastUpdated: '2030-01-01T01:00:00Z',
    Expiration: '2030-01-01T07:00:00Z',
  });
});

test('an instance without a role has no iam folder', () => {
  metadata = new InstanceMetadata({
    clock,
    random: new Random(5),
    account: '111122223333',
    region: 'eu-west-1',
    instance: () => instance,
  });
  expect(get('/latest/meta-data/').body).not.toContain('iam');
  expect(get('/latest/meta-data/iam/info').status).toBe(404);
  expect(get('/latest/meta-data/hostname').body).toBe('ip-10-0-1-7.eu-west-1.compute.internal');
});

test("the SDK's credential provider gets the role's credentials over a port", async () => {
  const endpoint = new MetadataEndpoint(metadata, clock);
  const before = process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT;
  try {
    process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = await endpoint.listen();
    const credentials = await fromInstanceMetadata({ timeout: 2_000, maxRetries: 0 })();
    expect(credentials).toMatchObject({
      accessKeyId: `until ${Date.parse('2030-01-01T06:00:00Z')}`,
      sessionToken: 't',
      expiration: new Date('2030-01-01T06:00:00Z'),
    });
  } finally {
    if (before === undefined) delete process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT;
    else process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = before;
    await endpoint.close();
  }
});
