import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../lib/testing';

class UploadStack extends Stack {
  public readonly uploads = new Bucket(this, 'Uploads');
  public readonly jobs = new Queue(this, 'Jobs');

  constructor(app: App) {
    super(app, 'Videos');
    this.uploads.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(this.jobs), { prefix: 'in/' });
  }
}

let stack: UploadStack;
let cloud: LocalCloud;
beforeAll(async () => {
  stack = new UploadStack(new App());
  cloud = await LocalCloud.fromStack(stack);
});
afterAll(() => cloud.stop());

test('a bucket takes objects, and notifies of them', async () => {
  const uploads = cloud.bucket(stack.uploads);
  expect(await uploads.put('in/a.json', { title: 'A' })).toMatch(/^"[0-9a-f]{32}"$/);
  await uploads.put('out/b', Buffer.from('bytes'));
  expect(uploads.keys).toEqual(['in/a.json', 'out/b']);
  expect(uploads.text('in/a.json')).toBe('{"title":"A"}');
  expect(uploads).toHaveObject('out/b', 'bytes');
  // Before it, there is the test event of the configuration.
  expect(cloud.queue(stack.jobs).messages.map(({ body }) => body)).toMatchObject([
    { Event: 's3:TestEvent' },
    { Records: [{ s3: { object: { key: 'in/a.json' } } }] },
  ]);
  uploads.delete('out/b');
  expect(uploads).not.toHaveObject('out/b');
});

test('a bucket is found by its construct, its path, its name and its ARN, and says what it has', () => {
  const { name } = cloud.bucket(stack.uploads);
  for (const reference of ['Videos/Uploads', name, `arn:aws:s3:::${name}`]) {
    expect(cloud.bucket(reference).name).toBe(name);
  }
  expect(() => cloud.bucket('none')).toThrow(/none/);
  expect(() => expect(cloud.bucket(stack.uploads)).toHaveObject('in/b')).toThrow(
    /^expected Uploads to have the object "in\/b", but it has in\/a\.json/,
  );
  expect(() => expect(cloud.bucket(stack.uploads)).toHaveObject('in/a.json', 'x')).toThrow(
    /with "x", but its content is "\{\\"title\\":\\"A\\"\}"/,
  );
  expect(() => expect(stack.uploads).toHaveObject('x')).toThrow(/^toHaveObject needs cloud.bucket\(…\), but got /);
});
