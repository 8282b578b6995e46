/** The worker of the video-encoding story: one video per message, its result to a second queue. Runs on EC2. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { type Message, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type HandlerContext, InstanceMetadata, QueueWorker, runOnInstance } from '../../lib/runtime';
import { encode, parseVideo } from './video';

const { QUEUE_URL, RESULT_QUEUE_URL, CONCURRENCY = '1', LIFECYCLE_HOOK_NAME } = process.env;
if (!QUEUE_URL || !RESULT_QUEUE_URL) throw new Error('the environment must set QUEUE_URL and RESULT_QUEUE_URL');

const sqs = new SQSClient();
const metadata = new InstanceMetadata();
// Without a hook this runs off EC2, by hand, without a metadata service. No video waits for one.
const encodedBy = LIFECYCLE_HOOK_NAME ? metadata.get('instance-id').catch(() => undefined) : undefined;

async function handle({ Body = '' }: Message, { signal }: HandlerContext): Promise<void> {
  const video = parseVideo(Body);
  console.log(`encoding video ${video.video}, ${video.frames} frames`);
  const bytes = await encode(video, signal);
  const result = { video: video.video, bytes, encodedBy: await encodedBy };
  await sqs.send(new SendMessageCommand({ QueueUrl: RESULT_QUEUE_URL, MessageBody: JSON.stringify(result) }));
  console.log(`encoded video ${video.video}: ${bytes} bytes`);
}

const worker = new QueueWorker({
  client: sqs,
  queueUrl: QUEUE_URL,
  concurrency: Number(CONCURRENCY),
  handler: handle,
});
void runOnInstance(worker, { autoScaling: new AutoScalingClient(), metadata }).then(
  () => process.exit(0), // open connections would keep the process alive for a while
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
