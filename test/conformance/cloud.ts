import * as sdk from '@aws-sdk/client-sqs';
import { Emulator, type EmulatorOptions, VirtualClock } from '../../lib/emulator';
import { outputOf, parseXml, toForm } from './query-form';
import { inProcess, overPort, type RawReply, type RawRequest, type Transport } from './transport';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

/** The outputs of the actions, in the form that JSON has: bytes are base64. */
export interface Outputs {
  AddPermission: object;
  CancelMessageMoveTask: sdk.CancelMessageMoveTaskResult;
  ChangeMessageVisibility: object;
  ChangeMessageVisibilityBatch: sdk.ChangeMessageVisibilityBatchResult;
  CreateQueue: sdk.CreateQueueResult;
  DeleteMessage: object;
  DeleteMessageBatch: sdk.DeleteMessageBatchResult;
  DeleteQueue: object;
  GetQueueAttributes: sdk.GetQueueAttributesResult;
  GetQueueUrl: sdk.GetQueueUrlResult;
  ListDeadLetterSourceQueues: sdk.ListDeadLetterSourceQueuesResult;
  ListMessageMoveTasks: sdk.ListMessageMoveTasksResult;
  ListQueueTags: sdk.ListQueueTagsResult;
  ListQueues: sdk.ListQueuesResult;
  PurgeQueue: object;
  ReceiveMessage: sdk.ReceiveMessageResult;
  RemovePermission: object;
  SendMessage: sdk.SendMessageResult;
  SendMessageBatch: sdk.SendMessageBatchResult;
  SetQueueAttributes: object;
  StartMessageMoveTask: sdk.StartMessageMoveTaskResult;
  TagQueue: object;
  UntagQueue: object;
}
export type Action = keyof Outputs;

/** An error as both protocols tell it. */
export interface Refusal {
  /** The shape's name, as JSON has it. */
  readonly shape: string;
  /**
   * As Query has it.
   * @default - the shape's name
   */
  readonly code?: string;
  /** @default 400 */
  readonly status?: number;
  /**
   * Of the shape.
   * @default 'com.amazonaws.sqs'
   */
  readonly namespace?: string;
  readonly message: string | RegExp;
  /**
   * As Query has it.
   * @default - the message
   */
  readonly queryMessage?: string;
}

export type Protocol = 'JSON' | 'Query';
export type TransportName = 'port' | 'in-process';

/** Who a call is signed as. */
export interface Signer {
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  readonly region?: string;
}

/** An emulator on a virtual clock, reached by one transport and spoken to in one protocol. */
export class ConformanceCloud {
  static async open(transport: TransportName, protocol: Protocol, options: EmulatorOptions = {}) {
    const clock = new VirtualClock();
    const emulator = new Emulator({ clock, ...options });
    const way = await (transport === 'port' ? overPort(emulator) : inProcess(emulator));
    return new ConformanceCloud(emulator, clock, way, protocol, transport);
  }

  private constructor(
    readonly emulator: Emulator,
    readonly clock: VirtualClock,
    readonly transport: Transport,
    readonly protocol: Protocol,
    readonly transportName: TransportName,
  ) {}

  async close(): Promise<void> {
    this.transport.close();
    await this.emulator.stop();
  }

  urlOf(name: string, account = ACCOUNT): string {
    return `${this.transport.endpoint}/${account}/${name}`;
  }

  raw(request: RawRequest): Promise<RawReply> {
    return this.transport.exchange(request);
  }

  /** A request for `action` in the cloud's protocol, and its answer as it came. */
  ask(action: string, input: object, signer: Signer = {}, more: RawRequest = {}) {
    const { accessKeyId = 'test', region = REGION, sessionToken } = signer;
    const session: Record<string, string> = sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken };
    const credential = `${accessKeyId}/20300101/${region}/sqs/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=00`;
    return this.raw({ ...more, ...this.form(action, input, { authorization, ...session, ...more.headers }) });
  }

  /** Calls an action that is expected to succeed. */
  async call<A extends Action>(action: A, input: object = {}, signer: Signer = {}): Promise<Outputs[A]> {
    return this.outputOf(action, await this.ask(action, input, signer));
  }

  /** Expects an action to be refused with exactly this error, its shape, code, status, message and header. */
  async refuses(action: string, input: object, error: Refusal, signer: Signer = {}): Promise<void> {
    expectRefusal(this.protocol, await this.ask(action, input, signer), error);
  }

  async create(name = 'Queue', attributes: Record<string, string> = {}): Promise<string> {
    const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
    const { QueueUrl = '' } = await this.call('CreateQueue', {
      QueueName: name,
      Attributes: { ...fifo, ...attributes },
    });
    return QueueUrl;
  }

  send(QueueUrl: string, MessageBody: string, more: object = {}): Promise<sdk.SendMessageResult> {
    return this.call('SendMessage', { QueueUrl, MessageBody, ...more });
  }

  /** Sends to a FIFO queue; each body is its own deduplication id. */
  async sendInGroup(queue: string, group: string, ...bodies: string[]): Promise<void> {
    for (const body of bodies) {
      await this.send(queue, body, { MessageGroupId: group, MessageDeduplicationId: `${group}-${body}` });
    }
  }

  async receive(QueueUrl: string, more: object = {}): Promise<sdk.Message[]> {
    const { Messages = [] } = await this.call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...more });
    return Messages;
  }

  async bodies(queue: string, more: object = {}): Promise<(string | undefined)[]> {
    return (await this.receive(queue, more)).map(({ Body }) => Body);
  }

  async attributes(QueueUrl: string, ...names: string[]): Promise<Record<string, string>> {
    const AttributeNames = names.length === 0 ? ['All'] : names;
    return (await this.call('GetQueueAttributes', { QueueUrl, AttributeNames })).Attributes ?? {};
  }

  set(QueueUrl: string, Attributes: Record<string, string>) {
    return this.call('SetQueueAttributes', { QueueUrl, Attributes });
  }

  delete(QueueUrl: string, { ReceiptHandle }: sdk.Message) {
    return this.call('DeleteMessage', { QueueUrl, ReceiptHandle });
  }

  hide(QueueUrl: string, { ReceiptHandle }: sdk.Message, VisibilityTimeout: number) {
    return this.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout });
  }

  /** Seconds pass. */
  wait(seconds: number): Promise<void> {
    return this.clock.advance(seconds * 1_000);
  }

  /** Time passes, a second at a time, until `work` is done. */
  async whileWaiting<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = () => (done = true);
    work.then(end, end);
    while (!done) await this.wait(1);
    return work;
  }

  private form(action: string, input: object, more: Readonly<Record<string, string>>): RawRequest {
    if (this.protocol === 'Query') {
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...more };
      return { headers, body: toForm(action, input).toString() };
    }
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}`, ...more };
    const body = JSON.stringify(input, function (this: Record<string, unknown>, name, value: unknown) {
      // Not the value itself: a Buffer has been made JSON of by then.
      const given = this[name];
      return given instanceof Uint8Array ? Buffer.from(given).toString('base64') : value;
    });
    return { headers, body };
  }

  private outputOf<A extends Action>(action: A, reply: RawReply): Outputs[A] {
    if (reply.status !== 200) throw new Error(`${action} was refused with ${reply.status}: ${reply.text}`);
    if (this.protocol === 'JSON') return JSON.parse(reply.text === '' ? '{}' : reply.text) as Outputs[A];
    const response = parseXml(reply.text);
    expect(response.name).toBe(`${action}Response`);
    const result = response.children.find(({ name }) => name === `${action}Result`);
    return outputOf(action, result) as Outputs[A];
  }
}

/** Compares an answer with the error that it should be. */
export function expectRefusal(protocol: Protocol, reply: RawReply, error: Refusal): void {
  const { shape, code = shape, status = 400, message, queryMessage = message } = error;
  const { namespace = 'com.amazonaws.sqs' } = error;
  const worded = (text: string | RegExp) => (typeof text === 'string' ? text : (expect.stringMatching(text) as string));
  if (protocol === 'JSON') {
    const found: unknown = JSON.parse(reply.text);
    expect({ status: reply.status, queryError: reply.headers['x-amzn-query-error'], ...(found as object) }).toEqual({
      status,
      queryError: `${code};Sender`,
      __type: `${namespace}#${shape}`,
      message: worded(message),
    });
    return;
  }
  const [details, requestId] = parseXml(reply.text).children;
  const texts = Object.fromEntries(details.children.map(({ name, text }) => [name, text]));
  expect({ status: reply.status, ...texts }).toEqual({
    status,
    Type: 'Sender',
    Code: code,
    Message: worded(queryMessage),
    // Only errors that the model lacks carry it.
    ...(!Object.hasOwn(sdk, shape) && { Detail: '' }),
  });
  expect(requestId.text).toBe(reply.headers['x-amzn-requestid']);
}
