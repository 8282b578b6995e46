import { EventBridgeClient, PutTargetsCommand, type Target } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Emulator, type EmulatorOptions, VirtualClock } from '../../../../lib/emulator';

export const ACCOUNT = '000000000000';
export const OTHER_ACCOUNT = '111111111111';
export const REGION = 'us-east-1';
export const OTHER_REGION = 'eu-west-1';

/** The ways into an emulator. */
export const TRANSPORTS = ['port', 'in-process'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** A refusal by AWS, as the SDK throws it. */
export interface Refused {
  readonly name: string;
  readonly message: string;
  readonly $metadata: { readonly httpStatusCode?: number };
}

/** The error of a request; fails if there is none. */
export async function refusalOf(request: Promise<unknown>): Promise<Refused> {
  try {
    await request;
  } catch (error) {
    return error as Refused;
  }
  throw new Error('the request succeeded');
}

/** An emulator on a virtual clock, and clients of it. */
export class EventsInTest {
  static async open(transport: TransportName = 'in-process', options: EmulatorOptions = {}): Promise<EventsInTest> {
    const clock = new VirtualClock();
    const emulator = new Emulator({ clock, ...options });
    if (transport === 'port') await emulator.listen(0);
    return new EventsInTest(emulator, clock);
  }

  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;

  private constructor(
    readonly emulator: Emulator,
    readonly clock: VirtualClock,
  ) {
    this.events = this.eventsAt();
    this.sqs = this.sqsAt();
  }

  /** The configuration of a client of another account or Region. */
  config(account = ACCOUNT, region = REGION) {
    const credentials = { accessKeyId: account, secretAccessKey: 'local' };
    return { ...this.emulator.clientConfig(), region, credentials, maxAttempts: 1 };
  }

  eventsAt(account = ACCOUNT, region = REGION): EventBridgeClient {
    return new EventBridgeClient(this.config(account, region));
  }

  sqsAt(account = ACCOUNT, region = REGION): SQSClient {
    return new SQSClient(this.config(account, region));
  }

  /** Creates a queue that admits EventBridge, unless it has a policy of its own. Returns its ARN. */
  async queue(
    name: string,
    { account = ACCOUNT, region = REGION, policy, attributes }: QueueOptions = {},
  ): Promise<string> {
    const client = this.sqsAt(account, region);
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    const arn = `arn:aws:sqs:${region}:${account}:${name}`;
    if (policy !== null) {
      const statement = policy ?? { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } };
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Action: 'sqs:SendMessage', Resource: arn, ...statement }],
      });
      await client.send(new SetQueueAttributesCommand({ QueueUrl: this.urlOf(arn), Attributes: { Policy } }));
    }
    return arn;
  }

  /** Adds a target with the id `t` to a rule. */
  target(Rule: string, target: Omit<Target, 'Id'>, EventBusName?: string) {
    return this.events.send(new PutTargetsCommand({ Rule, EventBusName, Targets: [{ Id: 't', ...target }] }));
  }

  /** Receives all messages of a queue, with their attributes. */
  async messages(queueArn: string) {
    const [, , , region, account] = queueArn.split(':');
    const client = this.sqsAt(account, region);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.urlOf(queueArn),
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 0,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  /** Receives the bodies of all messages of a queue. */
  async bodies(queueArn: string): Promise<string[]> {
    return (await this.messages(queueArn)).map(({ Body = '' }) => Body);
  }

  urlOf(queueArn: string): string {
    const [, , , , account, name] = queueArn.split(':');
    return `${this.emulator.endpointUrl}/${account}/${name}`;
  }

  close(): Promise<void> {
    return this.emulator.stop();
  }
}

export interface QueueOptions {
  readonly account?: string;
  readonly region?: string;
  /** The statement of the queue's policy; null for none. */
  readonly policy?: object | null;
  readonly attributes?: Record<string, string>;
}
