import { FuzzedCloud } from './fuzzed-cloud';

// What fuzzing has found, at its smallest: each was answered with 500, or with the memory of a thousand requests.
const deep = '['.repeat(10_000) + ']'.repeat(10_000);
const TARGET = 'arn:aws:sqs:us-east-1:000000000000:beta';

test.each([
  ['a tag without a value', 'Action=CreateQueue&QueueName=q&Tag.1.Key=team'],
  ['an attribute without a value', 'Action=SetQueueAttributes&QueueUrl=alpha&Attribute.1.Name=Policy'],
  ['a message attribute without a value', 'Action=SendMessage&QueueUrl=alpha&MessageBody=x&MessageAttribute.1.Name=a'],
  ['a structure in place of a name', 'Action=ReceiveMessage&QueueUrl=alpha&MessageAttributeName.1.x=1'],
])('on Query, %s', async (_what, body) => {
  const cloud = new FuzzedCloud();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await answer(cloud, headers, `Version=2012-11-05&${body}`)).status).toBe(400);
  expect(cloud.internalErrors).toEqual([]);
});

test.each([
  ['RedrivePolicy', `{"deadLetterTargetArn":${deep},"maxReceiveCount":1}`],
  ['RedrivePolicy', `{"deadLetterTargetArn":"${TARGET}","maxReceiveCount":${deep}}`],
  ['RedrivePolicy', `{"deadLetterTargetArn":"${TARGET}","maxReceiveCount":1,"more":${deep}}`],
  ['RedriveAllowPolicy', `{"redrivePermission":${deep}}`],
  ['RedriveAllowPolicy', `{"redrivePermission":"byQueue","sourceQueueArns":[${deep}]}`],
  ['Policy', `{"Statement":${'['.repeat(3_000) + ']'.repeat(3_000)}}`],
])('a %s nested too deep', async (name, policy) => {
  const cloud = new FuzzedCloud();
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SetQueueAttributes' };
  const body = JSON.stringify({ QueueUrl: 'alpha', Attributes: { [name]: policy } });
  expect((await answer(cloud, headers, body)).status).toBe(400);
  expect(cloud.internalErrors).toEqual([]);
});

test('a parameter name of a million steps costs no more than others', async () => {
  const cloud = new FuzzedCloud();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = `Action=ListQueues&Version=2012-11-05&${'a.'.repeat(1_000_000)}=1`;
  const before = process.memoryUsage().heapUsed;
  expect((await answer(cloud, headers, body)).status).toBe(200);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 2 ** 20);
});

function answer(cloud: FuzzedCloud, headers: Record<string, string>, body: string) {
  const endpoint = 'http://127.0.0.1:4566';
  return cloud.router.handle({ method: 'POST', path: '/', query: '', headers, body: Buffer.from(body), endpoint });
}
