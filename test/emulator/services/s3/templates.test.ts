import * as sdk from '@aws-sdk/client-s3';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { BucketProducer, QueueEncryption, StandardQueue } from '../../../../lib';
import { Emulator } from '../../../../lib/emulator';

const ACCOUNT = '000000000000';
let emulator: Emulator | undefined;
afterEach(() => emulator?.stop());

const stackOf = (build: (stack: Stack) => void, outdir?: string) => {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Shop');
  build(stack);
  return app.synth().directory;
};

test('a bucket with everything that the emulator acts on, and a site that is deployed to it', async () => {
  const directory = stackOf((stack) => {
    const bucket = new Bucket(stack, 'Site', {
      bucketName: 'site',
      versioned: true,
      autoDeleteObjects: true,
      removalPolicy: RemovalPolicy.DESTROY,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(3), prefix: 'tmp/' }],
    });
    const sources = [Source.data('index.html', '<p>hello'), Source.jsonData('config.json', { queue: stack.stackName })];
    new BucketDeployment(stack, 'Deployment', { sources, destinationBucket: bucket, destinationKeyPrefix: 'www' });
    new CfnOutput(stack, 'Domain', { value: bucket.bucketRegionalDomainName });
  });
  emulator = await Emulator.fromAssembly(directory);
  const s3 = new sdk.S3Client(emulator.clientConfig());
  const at = { Bucket: 'site' };
  expect((await s3.send(new sdk.GetBucketVersioningCommand(at))).Status).toBe('Enabled');
  expect((await s3.send(new sdk.GetBucketLifecycleConfigurationCommand(at))).Rules).toMatchObject([
    { Status: 'Enabled', Expiration: { Days: 3 } },
  ]);
  expect((await s3.send(new sdk.GetBucketPolicyCommand(at))).Policy).toContain('aws:SecureTransport');
  const page = await s3.send(new sdk.GetObjectCommand({ ...at, Key: 'www/index.html' }));
  expect([await page.Body?.transformToString(), page.ContentType]).toEqual(['<p>hello', 'text/html']);
  const config = await s3.send(new sdk.GetObjectCommand({ ...at, Key: 'www/config.json' }));
  expect(await config.Body?.transformToString()).toBe('{"queue":"Shop"}');
  await emulator.unload('Shop'); // with the objects, which the custom resource deletes first
  expect((await s3.send(new sdk.ListBucketsCommand({}))).Buckets).toEqual([]);
  s3.destroy();
});

test.each([
  ['with keys of SQS', QueueEncryption.sqsManaged()],
  ['with a key of its own', QueueEncryption.customerManaged()],
])('BucketProducer delivers to a queue %s', async (_, encryption) => {
  const directory = stackOf((stack) => {
    const jobs = new StandardQueue(stack, 'Jobs', { queueName: 'jobs', encryption });
    jobs.addProducer(new BucketProducer(new Bucket(stack, 'Uploads', { bucketName: 'uploads' })));
  });
  emulator = await Emulator.fromAssembly(directory);
  const s3 = new sdk.S3Client(emulator.clientConfig());
  await s3.send(new sdk.PutObjectCommand({ Bucket: 'uploads', Key: 'a.mp4', Body: 'x' }));
  const bodies = emulator
    .region(ACCOUNT, 'us-east-1')
    .peek('jobs')
    ?.map(({ body }) => body);
  expect(bodies?.at(-1)).toMatch(/"key":"a.mp4"/);
  s3.destroy();
});

test('a bucket that is not empty stays, and so does what others notify', async () => {
  const directory = stackOf((stack) => {
    const bucket = new Bucket(stack, 'Uploads', { bucketName: 'uploads', removalPolicy: RemovalPolicy.DESTROY });
    bucket.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(new Queue(stack, 'Gone')));
  });
  emulator = await Emulator.fromAssembly(directory);
  const s3 = new sdk.S3Client(emulator.clientConfig());
  await s3.send(new sdk.PutObjectCommand({ Bucket: 'uploads', Key: 'a', Body: 'x' }));
  await expect(emulator.unload('Shop')).rejects.toThrow(/The bucket you tried to delete is not empty/);
  expect((await s3.send(new sdk.ListObjectsV2Command({ Bucket: 'uploads' }))).KeyCount).toBe(1);
  s3.destroy();
});
