import { Random } from '../../lib/emulator/clock';

/** A request as a client would put it together, before it becomes bytes. */
export interface FuzzedRequest {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** Credentials of a session. */
interface Session {
  readonly accessKeyId: string;
  readonly sessionToken: string;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const ACCOUNT = '000000000000';
const ENDPOINT = 'http://127.0.0.1:4566';
export const QUEUES = ['alpha', 'beta', 'gamma.fifo'];

const DEEP = 20_000;
const NAMES = [
  'QueueUrl',
  'Entries',
  'Attributes',
  '__proto__',
  'constructor',
  'toString',
  '',
  'x',
  '1',
  'Ä',
  '\u0000',
];

/**
 * Requests of all SQS actions in both protocols, most of them damaged: first the input, then its encoding, then headers,
 * path and bytes. The same seed gives the same requests.
 */
export class RequestSource {
  private readonly random: Random;
  private readonly handles: string[] = [];

  /** `sessions`: credentials that some of the requests are signed with. */
  constructor(
    seed: number,
    private readonly sessions: readonly Session[] = [],
  ) {
    this.random = new Random(seed);
  }

  /** Lets later requests use a receipt handle that was given out. */
  learn(handle: string): void {
    this.handles.push(handle);
    if (this.handles.length > 100) this.handles.shift();
  }

  next(): FuzzedRequest {
    const { random } = this;
    const action = this.pick(Object.keys(this.inputs) as (keyof typeof this.inputs)[]);
    let input: Json = this.inputs[action]();
    for (let damages = this.pick([0, 0, 0, 0, 1, 1, 2, 4]); damages > 0; damages--) input = this.damage(input);
    const request = random.next() < 0.5 ? this.asJson(action, input) : this.asQuery(action, input);
    if (random.next() < 0.25) this.damageHeaders(request);
    if (random.next() < 0.1) request.path = this.path();
    if (random.next() < 0.2) request.body = this.damageBytes(request.body);
    if (random.next() < 0.05) request.query = this.query();
    if (random.next() < 0.05) request.method = this.pick(['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']);
    return request;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.random.integer(0, values.length - 1)];
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  integer(from: number, to: number): number {
    return this.random.integer(from, to);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.random.integer(0, 255)));
  }

  private readonly inputs = {
    CreateQueue: () => ({
      QueueName: this.pick([...QUEUES, `q${this.integer(0, 20)}`]),
      Attributes: this.attributes(),
      tags: { team: 'a' },
    }),
    DeleteQueue: () => ({ QueueUrl: this.pick(['q1', 'q2', 'q3']) }),
    GetQueueUrl: () => ({ QueueName: this.pick(QUEUES), QueueOwnerAWSAccountId: ACCOUNT }),
    ListQueues: () => ({ QueueNamePrefix: 'q', MaxResults: this.integer(1, 5), NextToken: this.text() }),
    GetQueueAttributes: () => ({ QueueUrl: this.url(), AttributeNames: ['All', 'Policy'] }),
    SetQueueAttributes: () => ({ QueueUrl: this.url(), Attributes: this.attributes() }),
    SendMessage: () => ({ QueueUrl: this.url(), ...this.message() }),
    SendMessageBatch: () => ({ QueueUrl: this.url(), Entries: this.entries(() => this.message()) }),
    ReceiveMessage: () => ({
      QueueUrl: this.url(),
      MaxNumberOfMessages: this.integer(1, 10),
      VisibilityTimeout: this.integer(0, 60),
      WaitTimeSeconds: this.pick([0, 0, 0, 20]),
      MessageAttributeNames: ['All', 'a.*'],
      AttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      ReceiveRequestAttemptId: `attempt-${this.integer(0, 3)}`,
    }),
    DeleteMessage: () => ({ QueueUrl: this.url(), ReceiptHandle: this.handle() }),
    DeleteMessageBatch: () => ({
      QueueUrl: this.url(),
      Entries: this.entries(() => ({ ReceiptHandle: this.handle() })),
    }),
    ChangeMessageVisibility: () => ({ QueueUrl: this.url(), ...this.change() }),
    ChangeMessageVisibilityBatch: () => ({ QueueUrl: this.url(), Entries: this.entries(() => this.change()) }),
    PurgeQueue: () => ({ QueueUrl: this.url() }),
    TagQueue: () => ({ QueueUrl: this.url(), Tags: { [this.text()]: this.text() } }),
    UntagQueue: () => ({ QueueUrl: this.url(), TagKeys: ['team', this.text()] }),
    ListQueueTags: () => ({ QueueUrl: this.url() }),
    ListDeadLetterSourceQueues: () => ({ QueueUrl: this.url(), MaxResults: 2 }),
    AddPermission: () => ({ QueueUrl: this.url(), Label: 'l', AWSAccountIds: [ACCOUNT], Actions: ['SendMessage'] }),
    RemovePermission: () => ({ QueueUrl: this.url(), Label: 'l' }),
    StartMessageMoveTask: () => ({
      SourceArn: this.arn(),
      DestinationArn: this.arn(),
      MaxNumberOfMessagesPerSecond: 5,
    }),
    ListMessageMoveTasks: () => ({ SourceArn: this.arn(), MaxResults: 3 }),
    CancelMessageMoveTask: () => ({ TaskHandle: this.text() }),
    // What is no action, by names that every JavaScript object has.
    constructor: () => ({}),
    hasOwnProperty: () => ({}),
    counts: () => ({ QueueUrl: this.url() }),
    collectMetrics: () => ({}),
  } satisfies Record<string, () => Json>;

  private url(): string {
    const name = this.pick(QUEUES);
    return this.pick([`${ENDPOINT}/${ACCOUNT}/${name}`, `${ENDPOINT}/${ACCOUNT}/${name}`, name]);
  }

  private arn(): string {
    return `arn:aws:sqs:us-east-1:${ACCOUNT}:${this.pick(QUEUES)}`;
  }

  private handle(): string {
    return this.handles.length === 0 ? 'AQEB' : this.pick(this.handles);
  }

  private change(): { [name: string]: Json } {
    return { ReceiptHandle: this.handle(), VisibilityTimeout: this.integer(0, 100) };
  }

  private entries(entry: () => { [name: string]: Json }): Json[] {
    return Array.from({ length: this.integer(1, 10) }, (_, index) => ({ Id: `e${index}`, ...entry() }));
  }

  private message(): { [name: string]: Json } {
    return {
      MessageBody: this.text(),
      DelaySeconds: this.integer(0, 2),
      MessageAttributes: {
        a: { DataType: 'String', StringValue: this.text() },
        n: { DataType: 'Number', StringValue: this.pick(['1', '-0.5e3', '1e127', 'x']) },
        b: { DataType: 'Binary.x', BinaryValue: 'AAEC' },
      },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
      MessageGroupId: `g${this.integer(0, 3)}`,
      ...(this.chance(0.5) && { MessageDeduplicationId: `d${this.integer(0, 1_000)}` }),
    };
  }

  private attributes(): { [name: string]: Json } {
    const deadLetters = { deadLetterTargetArn: this.arn(), maxReceiveCount: this.pick<Json>([1, '5', 0, null, {}]) };
    const policies: Json[] = [deadLetters, { redrivePermission: 'byQueue', sourceQueueArns: [this.arn()] }, {}];
    const statement = this.pick<Json>([
      5,
      'x',
      null,
      {},
      [null],
      [{ Sid: 'l' }],
      [{ Sid: {} }, 7],
      { Principal: [null] },
    ]);
    policies.push({ Version: this.pick<Json>(['2012-10-17', 1]), Statement: statement });
    let access: Json = this.accessPolicy();
    for (let damages = this.pick([0, 0, 1, 2]); damages > 0; damages--) access = this.damage(access);
    const policy = this.pick([
      JSON.stringify(this.pick(policies)),
      JSON.stringify(access),
      JSON.stringify(access),
      this.deepJson(),
      this.deepPolicy(),
      '',
      '[]',
    ]);
    const all: Record<string, Json> = {
      VisibilityTimeout: String(this.integer(0, 50_000)),
      DelaySeconds: '0',
      MessageRetentionPeriod: '60',
      ReceiveMessageWaitTimeSeconds: '0',
      MaximumMessageSize: String(this.integer(1_000, 2_000_000)),
      FifoQueue: this.pick(['true', 'false']),
      ContentBasedDeduplication: 'true',
      DeduplicationScope: this.pick(['queue', 'messageGroup']),
      FifoThroughputLimit: 'perMessageGroupId',
      KmsMasterKeyId: 'alias/x',
      SqsManagedSseEnabled: 'true',
      Policy: policy,
      RedrivePolicy: policy,
      RedriveAllowPolicy: policy,
    };
    const names = Object.keys(all).filter(() => this.chance(0.2));
    return Object.fromEntries(names.map((name) => [name, all[name]]));
  }

  private accessPolicy(): Json {
    const statement = (): Json => ({
      Effect: this.chance(0.9) ? 'Allow' : 'Deny',
      Principal: this.pick<Json>(['*', { AWS: ['111122223333', 'arn:aws:iam::111122223333:role/r'] }]),
      Action: this.pick<Json>(['sqs:*', ['sqs:Send*', 'SQS:ReceiveMessage'], '*'.repeat(this.integer(1, 200))]),
      Resource: this.pick([this.arn(), '*', `arn:aws:sqs:*:${'*a'.repeat(this.integer(1, 500))}:x`, '${aws:userid}']),
      Condition: {
        [this.pick(['StringLike', 'ArnLikeIfExists', 'ForAnyValue:StringEquals', 'IpAddress', 'Null', 'Bool'])]: {
          [this.pick(['aws:SourceArn', 'aws:userid', 'aws:SourceIp', '__proto__', 'aws:SecureTransport'])]:
            this.pick<Json>(['true', ['*', '127.0.0.1/8', '${aws:username}'], false]),
        },
      },
    });
    return { Version: this.pick(['2012-10-17', '2008-10-17']), Statement: [statement(), statement()] };
  }

  private text(): string {
    return this.pick([
      'hello',
      'a b&c=d%20+',
      'ü€😀',
      '\u0000',
      '\ud800',
      '\uffff',
      '<x>&amp;]]>',
      '__proto__',
      'x'.repeat(this.integer(0, 300)),
      ...(this.chance(0.02) ? ['y'.repeat(this.integer(200_000, 2_000_000))] : []),
    ]);
  }

  private deepJson(): string {
    const depth = this.integer(1, DEEP);
    return this.chance(0.5) ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  }

  private deepPolicy(): string {
    const deep = this.deepJson();
    return this.pick([
      `{"deadLetterTargetArn":${deep},"maxReceiveCount":1}`,
      `{"deadLetterTargetArn":"${this.arn()}","maxReceiveCount":${deep}}`,
      `{"deadLetterTargetArn":"${this.arn()}","maxReceiveCount":3,"more":${deep}}`,
      `{"redrivePermission":${deep}}`,
      `{"redrivePermission":"byQueue","sourceQueueArns":[${deep}]}`,
    ]);
  }

  private oddValue(): Json {
    return this.pick<() => Json>([
      () => null,
      () => true,
      () => this.pick([0, -1, 1.5, 1e308, 2 ** 53, -0]),
      () => this.text(),
      () => [],
      () => ({}),
      () => [null],
      () => [[]],
      () => JSON.parse('{"__proto__":{"x":1},"constructor":null}') as Json,
      () => Array.from({ length: this.integer(1, 200) }, () => this.pick<Json>([1, 'x', null, {}])),
      () => Object.fromEntries(NAMES.map((name) => [name, this.text()])),
    ])();
  }

  /** Replaces, drops or adds something somewhere in `value`. */
  private damage(value: Json): Json {
    if (typeof value !== 'object' || value === null || this.chance(0.05)) return this.oddValue();
    if (Array.isArray(value)) {
      if (value.length === 0 || this.chance(0.1)) return [...value, this.oddValue()];
      const at = this.integer(0, value.length - 1);
      return value.map((item, index) => (index === at ? this.damage(item) : item));
    }
    const names = Object.keys(value);
    const name = names.length === 0 || this.chance(0.1) ? this.pick(NAMES) : this.pick(names);
    const rest = Object.entries(value).filter(([other]) => other !== name);
    if (this.chance(0.15)) return Object.fromEntries(rest);
    return Object.fromEntries([...rest, [name, this.damage(value[name] ?? null)]]);
  }

  private asJson(action: string, input: Json): FuzzedRequest {
    const headers = {
      'content-type': this.pick(['application/x-amz-json-1.0', 'application/x-amz-json-1.1']),
      'x-amz-target': `AmazonSQS.${action}`,
      ...this.signature(),
    };
    const path = this.pick(['/', '/', `/${ACCOUNT}/alpha`]);
    return { method: 'POST', path, query: '', headers, body: Buffer.from(JSON.stringify(input)) };
  }

  private asQuery(action: string, input: Json): FuzzedRequest {
    const parameters = new URLSearchParams({ Action: action, Version: '2012-11-05' });
    spell(parameters, '', input);
    const form = parameters.toString();
    const path = this.pick(['/', '/', `/${ACCOUNT}/${this.pick(QUEUES)}`]);
    const headers: Record<string, string> = {
      ...this.signature(),
      ...(this.chance(0.2) && { accept: 'application/json' }),
    };
    // A request line has its own limit, which is the HTTP server's to keep.
    if (this.chance(0.3) && form.length < 8_000) {
      return { method: 'GET', path, query: form, headers, body: Buffer.alloc(0) };
    }
    headers['content-type'] = 'application/x-www-form-urlencoded';
    return { method: 'POST', path, query: '', headers, body: Buffer.from(form) };
  }

  private signature(): Record<string, string> {
    if (this.chance(0.5)) return {};
    const service = this.pick(['sqs', 'sqs', 'sqs', 'sqs', 'monitoring', 'sts', 'nothing']);
    const session = this.sessions.length > 0 && this.chance(0.2) ? this.pick(this.sessions) : undefined;
    const key = session?.accessKeyId ?? this.pick([ACCOUNT, ACCOUNT, ACCOUNT, '111122223333', 'AKIAIOSFODNN7EXAMPLE']);
    const scope = `${key}/20300101/us-east-1/${service}/aws4_request`;
    return {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`,
      ...(session !== undefined && { 'x-amz-security-token': session.sessionToken }),
    };
  }

  private damageHeaders({ headers }: FuzzedRequest): void {
    const name = this.pick([
      'content-type',
      'x-amz-target',
      'authorization',
      'accept',
      'smithy-protocol',
      'x-amzn-trace-id',
      'x-amz-security-token',
      'x-amz-date',
      'host',
    ]);
    if (this.chance(0.3)) {
      delete headers[name];
      return;
    }
    headers[name] = this.pick([
      '',
      'rpc-v2-cbor',
      'application/x-amz-json-1.',
      'application/x-amz-json-1.0; charset=utf-16',
      'application/x-www-form-urlencoded; charset=utf-8',
      'multipart/form-data',
      'AmazonSQS.',
      'AmazonSQS.__proto__',
      'AmazonSQS.SendMessage.SendMessage',
      'GraniteServiceVersion20100801.PutMetricData',
      'AWS4-HMAC-SHA256 Credential=////aws4_request',
      `AWS4-HMAC-SHA256 Credential=a/b/c/${this.pick(['sqs', '__proto__', 'monitoring'])}/aws4_request`,
      'Credential=',
      'h'.repeat(this.integer(1, 4_000)),
      '19700101T000000Z',
      '20300101T000000Z',
      'spillway.e30.x',
      'spillway..',
      '\u00ff\u00fe',
    ]);
  }

  private path(): string {
    return this.pick([
      '',
      '//',
      '/%',
      '/%zz/%00',
      `/${ACCOUNT}`,
      `/${ACCOUNT}/`,
      `/${ACCOUNT}/nowhere`,
      `/${ACCOUNT}/alpha/beta`,
      '/999999999999/alpha',
      '/service/AmazonSQS/operation/SendMessage',
      '/service/GraniteServiceVersion20100801/operation/PutMetricData',
      '/queue/alpha',
      '/../../etc/passwd',
      '/_spillway/health',
      `/${'p'.repeat(this.integer(1, 4_000))}`,
      '*',
    ]);
  }

  private query(): string {
    return this.pick([
      'Action',
      'Action=',
      'Action=SendMessage&Action=ReceiveMessage',
      'Action=ListQueues&Version=1999-01-01',
      'Action=AssumeRole&RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=s&Version=2011-06-15',
      `Action=AssumeRole&RoleArn=${this.text()}&RoleSessionName=${this.text()}&DurationSeconds=NaN&Policy=[]`,
      'Action=AssumeRole',
      'Action=GetSessionToken&DurationSeconds=-1',
      'Action=GetSessionToken',
      'X-Amz-Date=20200101T000000Z&X-Amz-Expires=1&Action=ListQueues&X-Amz-Credential=a%2Fb%2Fc%2Fsqs%2Faws4_request',
      `Action=SendMessage&${'a.'.repeat(this.integer(1, 2_000))}=1`,
      'Action=SendMessageBatch&SendMessageBatchRequestEntry.999999999.Id=a',
      'Action=SendMessageBatch&SendMessageBatchRequestEntry.x.Id=a',
      'Action=SetQueueAttributes&Attribute.1.Name=Policy',
      'Action=SetQueueAttributes&Attribute.1.Value=Policy',
      'Action=SetQueueAttributes&Attribute.1=Policy',
      'Action=TagQueue&Tag.1.Key=__proto__&Tag.1.Value=x',
      'X-Amz-Credential=a%2Fb%2Fc%2Fsqs%2Faws4_request&Action=ListQueues',
      '%',
      '%ff%fe=%00',
      '&&&===',
      '?'.repeat(100),
    ]);
  }

  private damageBytes(body: Buffer): Buffer {
    const at = this.integer(0, body.length);
    switch (this.integer(0, 9)) {
      case 0:
        return body.subarray(0, at);
      case 1:
        return Buffer.concat([body.subarray(0, at), this.bytes(this.integer(1, 8)), body.subarray(at)]);
      case 2:
        return Buffer.concat([body, body]);
      case 3:
        return Buffer.alloc(0);
      case 4:
        return this.bytes(this.integer(1, 200));
      case 5:
        return Buffer.from(this.deepJson());
      case 6: {
        // Rarely: each of these costs as much as hundreds of others.
        const length = this.chance(0.05) ? this.integer(100_000, 4_000_000) : 1_000;
        return Buffer.alloc(length, this.pick(['[', '{"a":', 'a.', 'a&', 'a=1&', '%', '"\\u0000', '\u0081']));
      }
      case 7:
        return Buffer.from(`{"QueueUrl":"alpha","MessageBody":${this.deepJson()}}`);
      default: {
        const copy = Buffer.from(body);
        for (let flips = this.integer(1, 5); flips > 0 && copy.length > 0; flips--) {
          copy[this.integer(0, copy.length - 1)] ^= 1 << this.integer(0, 7);
        }
        return copy;
      }
    }
  }
}

// The names by which the Query protocol has SQS's lists and maps.
const QUERY_NAMES: Readonly<Record<string, string>> = {
  Attributes: 'Attribute',
  AttributeNames: 'AttributeName',
  MessageAttributes: 'MessageAttribute',
  MessageAttributeNames: 'MessageAttributeName',
  MessageSystemAttributes: 'MessageSystemAttribute',
  MessageSystemAttributeNames: 'MessageSystemAttributeName',
  Entries: 'SendMessageBatchRequestEntry',
  Tags: 'Tag',
  tags: 'Tag',
  TagKeys: 'TagKey',
  AWSAccountIds: 'AWSAccountId',
  Actions: 'ActionName',
};

/** Spells `value` as the Query protocol does. */
function spell(parameters: URLSearchParams, name: string, value: Json): void {
  const within = (step: string) => (name === '' ? step : `${name}.${step}`);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) spell(parameters, within(String(index + 1)), item);
  } else if (typeof value !== 'object' || value === null) {
    parameters.append(name, String(value));
  } else if (/Attribute$|Tag$/.test(name)) {
    for (const [index, [key, item]] of Object.entries(value).entries()) {
      parameters.append(within(`${index + 1}.${name.endsWith('Tag') ? 'Key' : 'Name'}`), key);
      spell(parameters, within(`${index + 1}.Value`), item);
    }
  } else {
    for (const [step, item] of Object.entries(value)) spell(parameters, within(QUERY_NAMES[step] ?? step), item);
  }
}
