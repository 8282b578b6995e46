import { fromInstanceMetadata } from '@smithy/credential-provider-imds';
import { BrowserGuard } from '../../../lib/emulator/core/policy';
import { HOUR, Random, VirtualClock } from '../../../lib/emulator/clock';
import { RegionComputeHost } from '../../../lib/emulator/region/compute-host';
import { issuer } from '../sessions';

const VARIABLE = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';

test('§1.6: an instance calls in the name of a session of its role, and is given new credentials in time', async () => {
  const clock = new VirtualClock();
  const sessions = issuer(clock);
  const instanceId = 'i-0123456789abcdef0';
  const computeHost = new RegionComputeHost({
    clock,
    random: new Random(1),
    account: '111122223333',
    region: 'eu-west-1',
    ports: true,
    endpointUrl: () => 'http://127.0.0.1:4566',
    guard: new BrowserGuard(),
    connect: () => {
      throw new Error('nobody connects in memory');
    },
    instance: () => ({
      instanceId,
      groupName: 'workers',
      availabilityZone: 'eu-west-1a',
      privateIp: '10.0.0.1',
      iamInstanceProfile: 'arn:aws:iam::111122223333:instance-profile/Workers',
    }),
    log: () => undefined,
    store: () => undefined,
    sessions,
    roleOf: (profile) => (profile === 'Workers' ? 'WorkerRole' : undefined),
  });
  const metadata = await computeHost.openMetadata(instanceId);
  const before = process.env[VARIABLE];
  process.env[VARIABLE] = metadata.url;
  try {
    const holderOf = async () => {
      const { accessKeyId, sessionToken = '' } = await fromInstanceMetadata()();
      return { holder: sessions.holderOf(accessKeyId, sessionToken), accessKeyId, sessionToken };
    };
    const first = await holderOf();
    expect(first.holder).toMatchObject({
      account: '111122223333',
      principal: `arn:aws:sts::111122223333:assumed-role/WorkerRole/${instanceId}`,
    });
    expect((await holderOf()).accessKeyId).toBe(first.accessKeyId);
    await clock.advance(6 * HOUR);
    expect(() => sessions.holderOf(first.accessKeyId, first.sessionToken)).toThrow('is expired');
    expect((await holderOf()).holder).toMatchObject({ account: '111122223333' });
  } finally {
    if (before === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before;
    await computeHost.close();
  }
});

test('however many instances there were, the next one has an address', async () => {
  const clock = new VirtualClock();
  const computeHost = new RegionComputeHost({
    clock,
    random: new Random(1),
    account: '111122223333',
    region: 'eu-west-1',
    ports: false,
    endpointUrl: () => 'http://127.0.0.1:4566',
    guard: new BrowserGuard(),
    connect: () => {
      throw new Error('nobody connects to the endpoint');
    },
    instance: () => undefined,
    log: () => undefined,
    store: () => undefined,
    sessions: issuer(clock),
    roleOf: () => undefined,
  });
  const first = await computeHost.openMetadata('i-first');
  const urls = new Set<string>();
  for (let index = 0; index < 20_000; index++) {
    const { url, close } = await computeHost.openMetadata(`i-${index}`);
    urls.add(new URL(url).href);
    await close();
  }
  expect(urls.has(new URL(first.url).href)).toBe(false);
  expect(urls.size).toBeGreaterThan(10_000);
  await computeHost.close();
});
