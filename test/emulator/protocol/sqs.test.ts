import { routed } from '../../support/routed';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Random, VirtualClock } from '../../../lib/emulator/clock';
import { Sqs } from '../../../lib/emulator/services/sqs';
import { Timeline } from '../../../lib/emulator/timeline';
import { RequestRouter, InProcessRequestHandler, type HttpResponse } from '../../../lib/emulator/protocol';

const ACCOUNT = '000000000000';
const ENDPOINT = 'http://127.0.0.1:4566';
const JSON_HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

let clock: VirtualClock;
let router: RequestRouter;
let client: SQSClient;
let failures: unknown[];

beforeEach(() => {
  clock = new VirtualClock();
  const random = new Random(7);
  const timeline = new Timeline(clock);
  const states = new Map<string, Sqs>();
  failures = [];
  router = new RequestRouter({
    services: [
      routed('sqs', (account, region) => {
        const key = `${account}/${region}`;
        let state = states.get(key);
        if (state === undefined) {
          states.set(key, (state = new Sqs({ clock, random: random.fork(key), timeline, account, region })));
        }
        return state;
      }),
    ],
    defaultAccount: ACCOUNT,
    defaultRegion: 'us-east-1',
    random,
    onInternalError: (error) => failures.push(error),
  });
  client = sdkClient('test', 'us-east-1');
});

afterEach(() => {
  client.destroy();
  expect(failures).toEqual([]);
});

function sdkClient(accessKeyId: string, region: string): SQSClient {
  return new SQSClient({
    region,
    endpoint: ENDPOINT,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    requestHandler: new InProcessRequestHandler(router),
    maxAttempts: 1,
  });
}

interface Raw {
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

async function raw({ method = 'POST', path = '/', query = '', headers = {}, body = '' }: Raw) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const response: HttpResponse = await router.handle({ method, path, query, headers, body: bytes, endpoint: ENDPOINT });
  return { ...response, text: Buffer.from(response.body).toString() };
}

function json(action: string, input: unknown, path = '/') {
  const headers = { ...JSON_HEADERS, 'x-amz-target': `AmazonSQS.${action}` };
  return raw({ path, headers, body: typeof input === 'string' ? input : JSON.stringify(input) });
}

function form(parameters: Record<string, string>, path = '/', headers: Record<string, string> = {}) {
  return raw({
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...headers },
    body: new URLSearchParams(parameters).toString(),
  });
}

async function createQueue(name: string): Promise<string> {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name }));
  return QueueUrl ?? '';
}

describe('the SDK, which speaks AWS JSON', () => {
  test('sends, receives and deletes; binary attributes survive', async () => {
    const QueueUrl = await createQueue('Videos');
    expect(QueueUrl).toBe(`${ENDPOINT}/${ACCOUNT}/Videos`);
    const bytes = new Uint8Array([0, 255, 128, 10]);
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'snow ☃ <&> "quoted"',
        MessageAttributes: {
          Thumbnail: { DataType: 'Binary', BinaryValue: bytes },
          Codec: { DataType: 'String', StringValue: 'av1' },
        },
      }),
    );
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toHaveLength(1);
    expect(Messages[0].Body).toBe('snow ☃ <&> "quoted"');
    expect(Messages[0].MessageAttributes?.Thumbnail.BinaryValue).toEqual(bytes);
    expect(Messages[0].MessageAttributes?.Codec.StringValue).toBe('av1');
    const { Successful } = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [{ Id: 'a', ReceiptHandle: Messages[0].ReceiptHandle }],
      }),
    );
    expect(Successful).toEqual([{ Id: 'a' }]);
  });

  test('§1.1 empty receive has no Messages', async () => {
    const QueueUrl = await createQueue('Empty');
    const answer = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 }));
    expect(answer.Messages).toBeUndefined();
    expect((await json('ReceiveMessage', { QueueUrl })).text).toBe('{}');
  });

  test('a long poll answers when its time has passed, or a message comes', async () => {
    const QueueUrl = await createQueue('Poll');
    const empty = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await clock.advance(20_000);
    expect((await empty).Messages).toBeUndefined();
    const full = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await clock.advance(5_000);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
    expect((await full).Messages?.[0].Body).toBe('late');
  });

  test('an aborted long poll rejects, and takes no message', async () => {
    const QueueUrl = await createQueue('Abort');
    const controller = new AbortController();
    const poll = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: controller.signal,
    });
    const refused = expect(poll).rejects.toMatchObject({ name: 'AbortError' });
    await clock.settle();
    controller.abort();
    await refused;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toHaveLength(1);
  });

  test('§1.2 errors come as their modelled class, with the code that Query has', async () => {
    const attempt = client.send(new GetQueueAttributesCommand({ QueueUrl: `${ENDPOINT}/${ACCOUNT}/none` }));
    await expect(attempt).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(attempt).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('accounts and regions are apart', async () => {
    await createQueue('Mine');
    const others = [sdkClient('111122223333', 'us-east-1'), sdkClient('test', 'eu-west-1')];
    for (const other of others) {
      const { QueueUrls } = await other.send(new ListQueuesCommand({}));
      expect(QueueUrls ?? []).toEqual([]);
    }
    const { QueueUrl } = await others[0].send(new CreateQueueCommand({ QueueName: 'Theirs' }));
    expect(QueueUrl).toBe(`${ENDPOINT}/111122223333/Theirs`);
    const { QueueUrls } = await client.send(new ListQueuesCommand({}));
    expect(QueueUrls).toEqual([`${ENDPOINT}/${ACCOUNT}/Mine`]);
  });
});

describe('§1.1 AWS JSON by hand', () => {
  test('an error names its shape in the body and its Query code in the header', async () => {
    const response = await json('SendMessage', { QueueUrl: `${ENDPOINT}/${ACCOUNT}/none`, MessageBody: 'x' });
    expect(response.status).toBe(400);
    expect(response.headers).toMatchObject({
      'Content-Type': 'application/x-amz-json-1.0',
      'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender',
    });
    expect(response.headers['x-amzn-RequestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(response.text)).toEqual({
      __type: 'com.amazonaws.sqs#QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    });
  });

  test('an output without members has no body', async () => {
    const QueueUrl = await createQueue('Gone');
    const response = await json('DeleteQueue', { QueueUrl });
    expect(response).toMatchObject({ status: 200, text: '' });
    expect(response.headers['x-amzn-RequestId']).toBeDefined();
  });

  test('the path of the queue serves for its QueueUrl', async () => {
    await createQueue('Path');
    const response = await json('SendMessage', { MessageBody: 'x' }, `/${ACCOUNT}/Path`);
    expect(response.status).toBe(200);
    expect(response.headers['Content-Type']).toBe('application/x-amz-json-1.0');
  });

  test.each([
    ['{', 'the body is not valid JSON'],
    [Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), 'Expected structure or null'],
    ['[]', 'Expected structure or null'],
    ['null', 'Expected structure or null'],
    ['{"QueueUrl":1,"MessageBody":"x"}', 'NUMBER_VALUE can not be converted to a String (at QueueUrl)'],
    ['{"QueueUrl":"q","MessageBody":["x"]}', 'Start of list found where not expected (at MessageBody)'],
    [
      '{"QueueUrl":"q","MessageBody":"x","DelaySeconds":"5"}',
      'STRING_VALUE can not be converted to a Number (at DelaySeconds)',
    ],
    [
      '{"QueueUrl":"q","MessageBody":"x","MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"%"}}}',
      'the value is not valid Base64 (at MessageAttributes.a.BinaryValue)',
    ],
    [
      '{"QueueUrl":"q","MessageBody":"x","MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":true}}}',
      'TRUE_VALUE can not be converted to a Blob (at MessageAttributes.a.BinaryValue)',
    ],
  ])('%s is a SerializationException', async (body, message) => {
    const response = await json('SendMessage', body);
    expect(response.status).toBe(400);
    expect(JSON.parse(response.text)).toEqual({
      __type: 'com.amazon.coral.service#SerializationException',
      message,
    });
  });

  test('bytes that are no UTF-8 are a SerializationException', async () => {
    const headers = { ...JSON_HEADERS, 'x-amz-target': 'AmazonSQS.SendMessage' };
    const response = await raw({ headers, body: new Uint8Array([0x7b, 0xff, 0x7d]) });
    expect(response).toMatchObject({ status: 400 });
    expect(response.text).toContain('SerializationException');
  });

  test('null stands for a member that is not there', async () => {
    const QueueUrl = await createQueue('Null');
    const response = await json('SendMessage', { QueueUrl, MessageBody: 'x', DelaySeconds: null });
    expect(response.status).toBe(200);
  });

  test('§1.2 a missing required member', async () => {
    const response = await json('SendMessage', { QueueUrl: 'q' });
    expect(response.status).toBe(400);
    expect(response.headers['x-amzn-query-error']).toBe('MissingParameter;Sender');
    expect(JSON.parse(response.text)).toEqual({
      __type: 'com.amazonaws.sqs#MissingRequiredParameterException',
      message: 'The request must contain the parameter MessageBody.',
    });
  });

  test('an unknown action is named', async () => {
    const response = await json('MakeCoffee', {});
    expect(response.status).toBe(400);
    expect(JSON.parse(response.text)).toEqual({
      __type: 'com.amazon.coral.service#UnknownOperationException',
      message: 'The requested operation is not supported or not recognized: MakeCoffee',
    });
  });

  test('a target without the JSON content type is no API request', async () => {
    const response = await raw({ headers: { 'x-amz-target': 'AmazonSQS.ListQueues' }, body: '{}' });
    expect(response).toMatchObject({ status: 404, text: '<UnknownOperationException/>\n' });
  });

  test('a service that is not emulated is named', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/dynamodb/aws4_request, Signature=00';
    const headers = {
      authorization,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'Dynamo.ListTables',
    };
    const response = await raw({ headers, body: '{}' });
    expect(response.status).toBe(404);
    expect(response.text).toContain('The service dynamodb is not emulated (the request was for Dynamo.ListTables)');
  });
});

describe('§1.1 Query', () => {
  test('lists, maps and nested attributes go in; XML comes out', async () => {
    const created = await form({
      Action: 'CreateQueue',
      Version: '2012-11-05',
      QueueName: 'Forms',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '45',
      'Attribute.2.Name': 'DelaySeconds',
      'Attribute.2.Value': '0',
      'Tag.1.Key': 'stage',
      'Tag.1.Value': 'test',
    });
    expect(created.headers['Content-Type']).toBe('text/xml');
    expect(created.text).toMatch(
      /^<\?xml version="1.0"\?><CreateQueueResponse xmlns="http:\/\/queue\.amazonaws\.com\/doc\/2012-11-05\/"><CreateQueueResult><QueueUrl>[^<]+\/000000000000\/Forms<\/QueueUrl><\/CreateQueueResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/CreateQueueResponse>$/,
    );
    const path = `/${ACCOUNT}/Forms`;
    const attributes = await form({ Action: 'GetQueueAttributes', 'AttributeName.1': 'VisibilityTimeout' }, path);
    expect(attributes.text).toContain(
      '<GetQueueAttributesResult><Attribute><Name>VisibilityTimeout</Name><Value>45</Value></Attribute></GetQueueAttributesResult>',
    );
    expect((await form({ Action: 'ListQueueTags' }, path)).text).toContain(
      '<Tag><Key>stage</Key><Value>test</Value></Tag>',
    );
    const sent = await form(
      {
        Action: 'SendMessageBatch',
        'SendMessageBatchRequestEntry.1.Id': 'one',
        'SendMessageBatchRequestEntry.1.MessageBody': 'a < b & c',
        'SendMessageBatchRequestEntry.1.MessageAttribute.1.Name': 'Thumbnail',
        'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType': 'Binary',
        'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.BinaryValue': 'AP8=',
        'SendMessageBatchRequestEntry.2.Id': 'two',
        'SendMessageBatchRequestEntry.2.MessageBody': 'second',
      },
      path,
    );
    expect(sent.text).toMatch(/<SendMessageBatchResultEntry><Id>one<.*<SendMessageBatchResultEntry><Id>two</);
    const received = await form(
      { Action: 'ReceiveMessage', MaxNumberOfMessages: '10', 'MessageAttributeName.1': 'All' },
      path,
    );
    expect(received.text).toContain('<Body>a &lt; b &amp; c</Body>');
    expect(received.text).toContain(
      '<MessageAttribute><Name>Thumbnail</Name><Value><DataType>Binary</DataType><BinaryValue>AP8=</BinaryValue></Value></MessageAttribute>',
    );
    const empty = await form({ Action: 'ReceiveMessage' }, path);
    expect(empty.text).toContain('<ReceiveMessageResult/>');
    const purged = await form({ Action: 'PurgeQueue' }, path);
    expect(purged.text).toMatch(/^<\?xml[^>]*><PurgeQueueResponse xmlns="[^"]+"><ResponseMetadata>/);
  });

  test('the only element of a list or map needs no number', async () => {
    const attribute = { 'Attribute.Name': 'VisibilityTimeout', 'Attribute.Value': '45' };
    await form({ Action: 'CreateQueue', QueueName: 'Single', ...attribute, 'Tag.Key': 'stage', 'Tag.Value': 'test' });
    const path = `/${ACCOUNT}/Single`;
    const all = (await form({ Action: 'GetQueueAttributes', AttributeName: 'All' }, path)).text;
    expect(all).toContain('<Name>VisibilityTimeout</Name><Value>45</Value>');
    expect(all).toContain('<Name>QueueArn</Name>');
    const permission = { Action: 'AddPermission', Label: 'friend', AWSAccountId: '111122223333' };
    expect((await form({ ...permission, ActionName: 'SendMessage' }, path)).status).toBe(200);
    expect((await form({ Action: 'GetQueueAttributes', AttributeName: 'Policy' }, path)).text).toContain(
      '111122223333',
    );
    expect((await form({ Action: 'ListQueueTags' }, path)).text).toContain('<Key>stage</Key><Value>test</Value>');
    expect((await form({ Action: 'UntagQueue', TagKey: 'stage' }, path)).status).toBe(200);
    expect((await form({ Action: 'ListQueueTags' }, path)).text).toContain('<ListQueueTagsResult/>');
    const sent = await form(
      {
        Action: 'SendMessageBatch',
        'SendMessageBatchRequestEntry.Id': 'one',
        'SendMessageBatchRequestEntry.MessageBody': 'body',
        'SendMessageBatchRequestEntry.MessageAttribute.Name': 'Codec',
        'SendMessageBatchRequestEntry.MessageAttribute.Value.DataType': 'String',
        'SendMessageBatchRequestEntry.MessageAttribute.Value.StringValue': 'av1',
      },
      path,
    );
    expect(sent.text).toContain('<SendMessageBatchResultEntry><Id>one</Id>');
    const received = await form(
      { Action: 'ReceiveMessage', MessageAttributeName: 'Codec', AttributeName: 'All' },
      path,
    );
    expect(received.text).toContain('<Name>Codec</Name><Value><DataType>String</DataType><StringValue>av1<');
    expect(received.text).toContain('<Name>ApproximateReceiveCount</Name>');
  });

  test('parameters in the URL, and QueueUrl over the path', async () => {
    await createQueue('One');
    const two = await createQueue('Two');
    const query = `Action=GetQueueAttributes&AttributeName.1=QueueArn&QueueUrl=${encodeURIComponent(two)}`;
    const response = await raw({ method: 'GET', path: `/${ACCOUNT}/One`, query });
    expect(response.text).toContain('<Name>QueueArn</Name><Value>arn:aws:sqs:us-east-1:000000000000:Two</Value>');
  });

  test('§1.2 errors have their Query code and message', async () => {
    const response = await form({ Action: 'ReceiveMessage' }, `/${ACCOUNT}/none`);
    expect(response.status).toBe(400);
    expect(response.text).toMatch(
      /^<\?xml version="1.0"\?><ErrorResponse xmlns="http:\/\/queue\.amazonaws\.com\/doc\/2012-11-05\/"><Error><Type>Sender<\/Type><Code>AWS\.SimpleQueueService\.NonExistentQueue<\/Code><Message>The specified queue does not exist for this wsdl version\.<\/Message><\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>$/,
    );
  });

  test('§1.2 missing parameters, and batches without entries', async () => {
    await createQueue('Missing');
    const path = `/${ACCOUNT}/Missing`;
    const send = await form({ Action: 'SendMessage' }, path);
    expect(send.text).toContain(
      '<Code>MissingParameter</Code><Message>The request must contain the parameter MessageBody.</Message>',
    );
    expect(send.text).toContain('MessageBody.</Message><Detail/></Error>');
    const batch = await form({ Action: 'SendMessageBatch' }, path);
    expect(batch.text).toContain('<Code>AWS.SimpleQueueService.EmptyBatchRequest</Code>');
  });

  test.each(['CreateQueue', 'ListQueues', 'MakeCoffee'])('%s on a queue URL is an InvalidAction', async (action) => {
    await createQueue('Queue');
    const response = await form({ Action: action, QueueName: 'x' }, `/${ACCOUNT}/Queue`);
    expect(response.status).toBe(400);
    expect(response.text).toContain(
      `<Code>InvalidAction</Code><Message>The action ${action} is not valid for this endpoint.</Message>`,
    );
  });

  test('GET without a query on a queue URL, whatever is accepted', async () => {
    await createQueue('Queue');
    for (const accept of ['*/*', 'application/json']) {
      const response = await raw({ method: 'GET', path: `/${ACCOUNT}/Queue`, headers: { accept } });
      expect(response.status).toBe(404);
      expect(response.text).toContain('<UnknownOperationException/>');
    }
  });

  test('Accept: application/json gives JSON, maps as lists', async () => {
    await createQueue('Json');
    const path = `/${ACCOUNT}/Json`;
    const accept = { accept: 'application/json' };
    const { text } = await form({ Action: 'GetQueueAttributes', 'AttributeName.1': 'QueueArn' }, path, accept);
    expect(JSON.parse(text)).toMatchObject({
      GetQueueAttributesResponse: {
        GetQueueAttributesResult: {
          Attributes: [{ Name: 'QueueArn', Value: 'arn:aws:sqs:us-east-1:000000000000:Json' }],
        },
        ResponseMetadata: { RequestId: expect.any(String) as string },
      },
    });
    const refused = await form({ Action: 'ListQueues' }, path, accept);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toEqual({
      Error: {
        Type: 'Sender',
        Code: 'InvalidAction',
        Message: 'The action ListQueues is not valid for this endpoint.',
        Detail: null,
      },
      RequestId: refused.headers['x-amzn-RequestId'],
    });
    const modelled = await form({ Action: 'ReceiveMessage' }, `/${ACCOUNT}/none`, accept);
    expect(Object.keys((JSON.parse(modelled.text) as { Error: object }).Error)).toEqual(['Type', 'Code', 'Message']);
  });

  test.each([
    [{ DelaySeconds: 'soon' }, '&quot;soon&quot; can not be converted to a Number (at DelaySeconds)'],
    [{ 'MessageAttribute.x.Name': 'a' }, '&quot;x&quot; is not a position in a list (at MessageAttribute)'],
    [{ MessageAttribute: 'a' }, '&quot;a&quot; found where a list or map was expected (at MessageAttribute)'],
    [{ 'MessageAttribute.1.Value.DataType': 'String' }, 'an entry must have a Name (at MessageAttribute.1)'],
    [{ 'MessageAttribute.Value.DataType': 'String' }, 'an entry must have a Name (at MessageAttribute.1)'],
    [
      { 'MessageAttribute.Name': 'a', 'MessageAttribute.1.Name': 'b' },
      '&quot;Name&quot; is not a position in a list (at MessageAttribute)',
    ],
  ])('%p is MalformedInput', async (parameters, message) => {
    await createQueue('Bad');
    const response = await form({ Action: 'SendMessage', MessageBody: 'x', ...parameters }, `/${ACCOUNT}/Bad`);
    expect(response.status).toBe(400);
    expect(response.text).toContain(`<Code>MalformedInput</Code><Message>${message}</Message>`);
  });
});

describe('batches over the SDK', () => {
  test('§1.2 an empty batch', async () => {
    const QueueUrl = await createQueue('Batch');
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] }))).rejects.toMatchObject({
      name: 'EmptyBatchRequest',
    });
    await client.send(new DeleteQueueCommand({ QueueUrl }));
  });
});

test('a defect inside a service is an InternalFailure, and is told', async () => {
  const broken = new RequestRouter({
    services: [
      routed('sqs', () => ({
        listQueues() {
          throw new TypeError('boom');
        },
      })),
    ],
    defaultAccount: ACCOUNT,
    defaultRegion: 'us-east-1',
    random: new Random(1),
    onInternalError: (error, action) => failures.push([action, String(error)]),
  });
  const headers = { ...JSON_HEADERS, 'x-amz-target': 'AmazonSQS.ListQueues' };
  const request = { method: 'POST', path: '/', query: '', headers, body: Buffer.from('{}'), endpoint: ENDPOINT };
  expect(broken.handle(request)).toMatchObject({ status: 500 });
  expect(failures.splice(0)).toEqual([['ListQueues', 'TypeError: boom']]);
  const other = {
    ...request,
    headers: { ...headers, 'x-amz-target': 'AmazonSQS.PurgeQueue' },
    body: Buffer.from('{"QueueUrl":"q"}'),
  };
  const answer = await broken.handle(other);
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('not recognized: PurgeQueue');
});
