import { routed } from '../../support/routed';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Random, VirtualClock } from '../../../lib/emulator/clock';
import { HttpEndpoint } from '../../../lib/emulator/server';
import { RequestRouter, InProcessRequestHandler } from '../../../lib/emulator/protocol';
import { aloneSts } from '../sessions';

const sts = aloneSts();
const router = new RequestRouter({
  services: [routed('sts', () => sts)],
  defaultAccount: '000000000000',
  defaultRegion: 'us-east-1',
  random: new Random(1),
});

const endpoint = new HttpEndpoint({ router, clock: new VirtualClock() });
afterAll(() => endpoint.close());

function credentials(accessKeyId: string) {
  return { accessKeyId, secretAccessKey: 'secret' };
}

test('GetCallerIdentity: a 12-digit access key id is the account', async () => {
  const client = new STSClient({
    region: 'eu-west-1',
    credentials: credentials('123456789012'),
    requestHandler: new InProcessRequestHandler(router),
  });
  await expect(client.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:root',
    UserId: '123456789012',
    $metadata: { httpStatusCode: 200 },
  });
});

test('GetCallerIdentity: any other access key belongs to the default account, over a port too', async () => {
  const url = await endpoint.listen(0);
  const client = new STSClient({ region: 'us-east-1', endpoint: url, credentials: credentials('test') });
  await expect(client.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({ Account: '000000000000' });
  client.destroy();
});
