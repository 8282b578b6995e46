import { S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { VirtualClock } from '../../../../lib/emulator/clock';
import { Emulator, type EmulatorOptions } from '../../../../lib/emulator';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
export const TRANSPORTS = ['in-process', 'over HTTP'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** An emulator with clients of S3 and SQS, over sockets or in process. */
export class S3InTest {
  public static async open(transport: Transport, options: EmulatorOptions = {}): Promise<S3InTest> {
    const clock = transport === 'in-process' ? new VirtualClock({ startAt: Date.UTC(2030, 0, 1, 12) }) : undefined;
    const emulator = new Emulator({ ...(clock && { clock }), ...options });
    if (transport === 'over HTTP') await emulator.listen(0);
    return new S3InTest(emulator, clock);
  }

  public readonly s3: S3Client;
  public readonly sqs: SQSClient;

  private constructor(
    public readonly emulator: Emulator,
    public readonly clock: VirtualClock | undefined,
  ) {
    this.s3 = new S3Client({ ...emulator.clientConfig(), maxAttempts: 1 });
    this.sqs = new SQSClient(emulator.clientConfig());
  }

  /** A client of another account or Region. */
  public clientOf(config: { readonly account?: string; readonly region?: string }): S3Client {
    const { account = ACCOUNT, region = REGION } = config;
    const credentials = { accessKeyId: account, secretAccessKey: 'local' };
    return new S3Client({ ...this.emulator.clientConfig(), region, credentials, maxAttempts: 1 });
  }

  /** A queue that a bucket may send to. Returns its ARN. */
  public async queue(name: string, Policy?: object): Promise<string> {
    const { QueueUrl } = await this.sqs.send(new CreateQueueCommand({ QueueName: name }));
    const Attributes = { Policy: JSON.stringify(Policy ?? allowing(name)) };
    await this.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    const { Attributes: { QueueArn = '' } = {} } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    return QueueArn;
  }

  /** Takes the messages that wait in a queue. */
  public async messages(name: string): Promise<Message[]> {
    const QueueUrl = `${this.emulator.endpointUrl}/${ACCOUNT}/${name}`;
    const taken: Message[] = [];
    for (;;) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) return taken;
      taken.push(...Messages);
      for (const { ReceiptHandle } of Messages) {
        await this.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }

  public async close(): Promise<void> {
    this.s3.destroy();
    this.sqs.destroy();
    await this.emulator.stop();
  }
}

/** A policy by which the buckets of the account may send to a queue. */
export function allowing(name: string, condition: object = { StringEquals: { 'aws:SourceAccount': ACCOUNT } }): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
        Condition: condition,
      },
    ],
  };
}
