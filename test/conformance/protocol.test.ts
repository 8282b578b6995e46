import { ACCOUNT, type ConformanceCloud, expectRefusal } from './cloud';
import { parseXml } from './query-form';
import { missing, noSuchQueue } from './refusals';
import { conformance, rawConformance } from './rows';
import type { RawRequest } from './transport';

const NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const json = (action: string, input: unknown, more: RawRequest = {}): RawRequest => ({
  body: JSON.stringify(input),
  ...more,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}`, ...more.headers },
});
const form = (parameters: Record<string, string>, more: RawRequest = {}): RawRequest => ({
  body: new URLSearchParams(parameters).toString(),
  ...more,
  headers: { ...FORM, ...more.headers },
});
const get = (path: string, parameters: Record<string, string>, more: RawRequest = {}): RawRequest => ({
  method: 'GET',
  path,
  query: new URLSearchParams(parameters).toString(),
  ...more,
});
const queuePath = (name: string) => `/${ACCOUNT}/${name}`;
const signed = (accessKeyId: string, region: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20300101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
});

rawConformance('§1.1 JSON', {
  'the action is in X-Amz-Target, the input in the body; the answer has a request id': async (cloud) => {
    const reply = await cloud.raw(json('CreateQueue', { QueueName: 'Queue' }));
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' } });
    expect(reply.headers['x-amzn-requestid']).toMatch(UUID);
    expect(JSON.parse(reply.text)).toEqual({ QueueUrl: cloud.urlOf('Queue') });
  },
  'without the target: no API request': async (cloud) => {
    const reply = await cloud.raw({ headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' });
    expect(reply).toMatchObject({ status: 404, text: '<UnknownOperationException/>\n' });
  },
  'without the content type: no API request': async (cloud) => {
    const reply = await cloud.raw({ headers: { 'x-amz-target': 'AmazonSQS.ListQueues' }, body: '{}' });
    expect(reply).toMatchObject({ status: 404, text: '<UnknownOperationException/>\n' });
  },
  'to the path of a queue': async (cloud) => {
    await cloud.create();
    const reply = await cloud.raw(json('SendMessage', { MessageBody: 'x' }, { path: queuePath('Queue') }));
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' } });
    expect(await cloud.bodies(cloud.urlOf('Queue'))).toEqual(['x']);
  },
  'QueueUrl goes before the path': async (cloud) => {
    await cloud.create('One');
    const QueueUrl = await cloud.create('Two');
    await cloud.raw(json('SendMessage', { QueueUrl, MessageBody: 'x' }, { path: queuePath('One') }));
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'an error: the shape in the body, the Query code in the header': async (cloud) => {
    const reply = await cloud.raw(json('GetQueueUrl', { QueueName: 'none' }));
    expect(reply.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender',
      'x-amzn-requestid': expect.stringMatching(UUID) as string,
    });
    expectRefusal('JSON', reply, noSuchQueue);
  },
  'an output without members: no body, Content-Length 0, a request id': async (cloud) => {
    const QueueUrl = await cloud.create();
    const calls: [string, object][] = [
      ['SetQueueAttributes', { QueueUrl, Attributes: { DelaySeconds: '0' } }],
      ['TagQueue', { QueueUrl, Tags: { a: 'b' } }],
      ['UntagQueue', { QueueUrl, TagKeys: ['a'] }],
      ['PurgeQueue', { QueueUrl }],
      ['DeleteQueue', { QueueUrl }],
    ];
    for (const [action, input] of calls) {
      const reply = await cloud.raw(json(action, input));
      expect(reply).toMatchObject({ status: 200, text: '', headers: { 'content-length': '0' } });
      expect(reply.headers['x-amzn-requestid']).toMatch(UUID);
    }
  },
  'an empty receive has no Messages': async (cloud) => {
    const QueueUrl = await cloud.create();
    expect((await cloud.raw(json('ReceiveMessage', { QueueUrl }))).text).toBe('{}');
  },
  'absent lists and keys, not empty ones': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const [action, input] of [
      ['ListQueues', { QueueNamePrefix: 'none' }],
      ['ListQueueTags', { QueueUrl }],
      ['GetQueueAttributes', { QueueUrl }],
      ['GetQueueAttributes', { QueueUrl, AttributeNames: [] }],
    ] as const) {
      expect((await cloud.raw(json(action, input))).text).toBe('{}');
    }
    const sent = JSON.parse((await cloud.raw(json('SendMessage', { QueueUrl, MessageBody: 'x' }))).text) as object;
    expect(Object.keys(sent).sort()).toEqual(['MD5OfMessageBody', 'MessageId']);
    const received = JSON.parse((await cloud.raw(json('ReceiveMessage', { QueueUrl }))).text) as { Messages: object[] };
    expect(Object.keys(received.Messages[0]).sort()).toEqual(['Body', 'MD5OfBody', 'MessageId', 'ReceiptHandle']);
    const batch = await cloud.raw(json('SendMessageBatch', { QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] }));
    expect(Object.keys(JSON.parse(batch.text) as object)).toEqual(['Successful']);
  },
  'an unknown action is named': async (cloud) => {
    const reply = await cloud.raw(json('MakeCoffee', {}));
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toEqual({
      __type: 'com.amazon.coral.service#UnknownOperationException',
      message: 'The requested operation is not supported or not recognized: MakeCoffee',
    });
  },
  'a target that is almost one': async (cloud) => {
    for (const target of ['AmazonSQS.sendMessage', 'AmazonSQS.', 'AmazonSQS', 'SendMessage', 'Other.SendMessage']) {
      const headers = { ...signed('test', 'us-east-1'), 'x-amz-target': target };
      const reply = await cloud.raw(json('', {}, { headers }));
      expect(reply.status).toBe(400);
      expect(reply.headers['x-amzn-query-error']).toMatch(/;Sender$/);
      expect(JSON.parse(reply.text)).toMatchObject({ __type: 'com.amazon.coral.service#UnknownOperationException' });
    }
  },
  'PUT, DELETE and OPTIONS are no API requests': async (cloud) => {
    await cloud.create();
    for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
      const reply = await cloud.raw({ method, path: queuePath('Queue') });
      expect(reply).toMatchObject({ status: 404, text: '<UnknownOperationException/>\n' });
    }
  },
  'a body that is no JSON, or has a wrong type in it': async (cloud) => {
    for (const [body, message] of [
      ['{', 'the body is not valid JSON'],
      ['[]', 'Expected structure or null'],
      ['{"QueueUrl":1}', 'NUMBER_VALUE can not be converted to a String (at QueueUrl)'],
    ]) {
      const reply = await cloud.raw({ ...json('SendMessage', {}), body });
      expect(reply.status).toBe(400);
      expect(JSON.parse(reply.text)).toEqual({
        __type: 'com.amazon.coral.service#SerializationException',
        message,
      });
    }
  },
  'casing: CreateQueue takes `tags`, ListQueueTags gives `Tags`, ListDeadLetterSourceQueues gives `queueUrls`': async (
    cloud,
  ) => {
    await cloud.raw(json('CreateQueue', { QueueName: 'Dead', tags: { Stage: 'test' } }));
    const QueueUrl = cloud.urlOf('Dead');
    expect((await cloud.raw(json('ListQueueTags', { QueueUrl }))).text).toBe('{"Tags":{"Stage":"test"}}');
    await cloud.create('Source', {
      RedrivePolicy: `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:${ACCOUNT}:Dead","maxReceiveCount":1}`,
    });
    const sources = await cloud.raw(json('ListDeadLetterSourceQueues', { QueueUrl }));
    expect(JSON.parse(sources.text)).toEqual({ queueUrls: [cloud.urlOf('Source')] });
  },
});

const response = (action: string, result: string) =>
  new RegExp(
    `^<\\?xml version="1.0"\\?><${action}Response xmlns="${NAMESPACE}">${result}<ResponseMetadata><RequestId>[0-9a-f-]{36}</RequestId></ResponseMetadata></${action}Response>$`,
  );

rawConformance('§1.1 Query', {
  'POST to /': async (cloud) => {
    const reply = await cloud.raw(form({ Action: 'CreateQueue', Version: '2012-11-05', QueueName: 'Queue' }));
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'text/xml' } });
    const url = cloud.urlOf('Queue').replaceAll('.', '\\.');
    expect(reply.text).toMatch(
      response('CreateQueue', `<CreateQueueResult><QueueUrl>${url}</QueueUrl></CreateQueueResult>`),
    );
  },
  'GET on /': async (cloud) => {
    await cloud.create();
    const reply = await cloud.raw(get('/', { Action: 'GetQueueUrl', Version: '2012-11-05', QueueName: 'Queue' }));
    expect(reply.text).toContain(`<QueueUrl>${cloud.urlOf('Queue')}</QueueUrl>`);
  },
  'POST to a queue URL': async (cloud) => {
    await cloud.create();
    await cloud.raw(form({ Action: 'SendMessage', MessageBody: 'posted' }, { path: queuePath('Queue') }));
    expect(await cloud.bodies(cloud.urlOf('Queue'))).toEqual(['posted']);
  },
  'POST to a queue URL with the parameters in the URL': async (cloud) => {
    await cloud.create();
    const parameters = { Action: 'SendMessage', MessageBody: 'in the URL' };
    await cloud.raw(get(queuePath('Queue'), parameters, { method: 'POST' }));
    expect(await cloud.bodies(cloud.urlOf('Queue'))).toEqual(['in the URL']);
  },
  'GET on a queue URL': async (cloud) => {
    await cloud.create();
    const reply = await cloud.raw(
      get(queuePath('Queue'), { Action: 'SendMessage', MessageBody: 'a b&c=d', Version: '2012-11-05' }),
    );
    expect(reply.status).toBe(200);
    const received = await cloud.raw(get(queuePath('Queue'), { Action: 'ReceiveMessage' }));
    expect(received.text).toContain('<Body>a b&amp;c=d</Body>');
  },
  'GET on a queue URL without a query': async (cloud) => {
    await cloud.create();
    for (const accept of ['*/*', 'application/json']) {
      const reply = await cloud.raw({ method: 'GET', path: queuePath('Queue'), headers: { accept } });
      expect(reply).toMatchObject({ status: 404, text: '<UnknownOperationException/>\n' });
    }
  },
  'GET on / without a query': async (cloud) => {
    expect(await cloud.raw({ method: 'GET' })).toMatchObject({ status: 404, text: '<UnknownOperationException/>\n' });
  },
  'the QueueUrl parameter goes before the path': async (cloud) => {
    await cloud.create('One');
    const QueueUrl = await cloud.create('Two');
    const parameters = { Action: 'GetQueueAttributes', 'AttributeName.1': 'QueueArn', QueueUrl };
    const { text } = await cloud.raw(get(queuePath('One'), parameters));
    expect(text).toContain(`<Value>arn:aws:sqs:us-east-1:${ACCOUNT}:Two</Value>`);
  },
  'CreateQueue, ListQueues and unknown actions on a queue URL': async (cloud) => {
    await cloud.create();
    for (const Action of ['CreateQueue', 'ListQueues', 'FooBar']) {
      for (const request of [
        form({ Action, QueueName: 'x' }, { path: queuePath('Queue') }),
        get(queuePath('Queue'), { Action }),
      ]) {
        const reply = await cloud.raw(request);
        expectRefusal('Query', reply, {
          shape: 'InvalidAction',
          message: `The action ${Action} is not valid for this endpoint.`,
        });
      }
    }
  },
  'an unknown action on /': async (cloud) => {
    const reply = await cloud.raw(form({ Action: 'FooBar', Version: '2012-11-05' }));
    expectRefusal('Query', reply, {
      shape: 'InvalidAction',
      message: 'The action FooBar is not valid for this endpoint.',
    });
  },
  'a version other than 2012-11-05: NoSuchVersion': async (cloud) => {
    for (const Version of ['2013-01-01', 'x', '']) {
      const reply = await cloud.raw(form({ Action: 'ListQueues', Version }, { headers: signed('test', 'us-east-1') }));
      expectRefusal('Query', reply, {
        shape: 'NoSuchVersion',
        message: `The requested version ( ${Version} ) is not valid.`,
      });
    }
  },
  'an error is XML with its Type, Code, Message and Detail, in the namespace, and a request id': async (cloud) => {
    const reply = await cloud.raw(form({ Action: 'ReceiveMessage' }, { path: queuePath('none') }));
    expect(reply.headers['content-type']).toBe('text/xml');
    expect(reply.text.startsWith(`<?xml version="1.0"?><ErrorResponse xmlns="${NAMESPACE}">`)).toBe(true);
    expectRefusal('Query', reply, noSuchQueue);
  },
  'an empty receive': async (cloud) => {
    await cloud.create();
    const reply = await cloud.raw(form({ Action: 'ReceiveMessage' }, { path: queuePath('Queue') }));
    expect(reply.text).toMatch(response('ReceiveMessage', '<ReceiveMessageResult/>'));
  },
  'an output without members has no result': async (cloud) => {
    await cloud.create();
    const reply = await cloud.raw(form({ Action: 'PurgeQueue' }, { path: queuePath('Queue') }));
    expect(reply.text).toMatch(response('PurgeQueue', ''));
  },
  'lists and maps are flattened in and out': async (cloud) => {
    const created = await cloud.raw(
      form({
        Action: 'CreateQueue',
        Version: '2012-11-05',
        QueueName: 'Flat',
        'Attribute.1.Name': 'VisibilityTimeout',
        'Attribute.1.Value': '45',
        'Attribute.7.Name': 'DelaySeconds',
        'Attribute.7.Value': '3',
        'Tag.1.Key': 'stage',
        'Tag.1.Value': 'test',
      }),
    );
    expect(created.status).toBe(200);
    const path = queuePath('Flat');
    const read = {
      Action: 'GetQueueAttributes',
      'AttributeName.1': 'VisibilityTimeout',
      'AttributeName.2': 'DelaySeconds',
    };
    const { text } = await cloud.raw(form(read, { path }));
    expect(text).toContain('<Attribute><Name>VisibilityTimeout</Name><Value>45</Value></Attribute>');
    expect(text).toContain('<Attribute><Name>DelaySeconds</Name><Value>3</Value></Attribute>');
    expect((await cloud.raw(form({ Action: 'ListQueueTags' }, { path }))).text).toMatch(
      response(
        'ListQueueTags',
        '<ListQueueTagsResult><Tag><Key>stage</Key><Value>test</Value></Tag></ListQueueTagsResult>',
      ),
    );
  },
  'what XML must escape': async (cloud) => {
    const url = await cloud.create();
    const body = `<a b="c">&'\r\n\t\u{1f600}]]>`;
    await cloud.send(url, body);
    const { text } = await cloud.raw(form({ Action: 'ReceiveMessage' }, { path: queuePath('Queue') }));
    // A parser would make a line feed of a bare carriage return.
    expect(text).not.toContain('\r');
    const [result] = parseXml(text).children;
    expect(result.children[0].children.find(({ name }) => name === 'Body')?.text).toBe(body);
  },
  'Accept: application/json: an output': async (cloud) => {
    await cloud.create();
    const read = { Action: 'GetQueueAttributes', 'AttributeName.1': 'QueueArn' };
    const accept = { accept: 'application/json' };
    const reply = await cloud.raw(form(read, { path: queuePath('Queue'), headers: accept }));
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(reply.text)).toEqual({
      GetQueueAttributesResponse: {
        GetQueueAttributesResult: {
          Attributes: [{ Name: 'QueueArn', Value: `arn:aws:sqs:us-east-1:${ACCOUNT}:Queue` }],
        },
        ResponseMetadata: { RequestId: reply.headers['x-amzn-requestid'] },
      },
    });
  },
  'Accept: application/json: an error': async (cloud) => {
    const parameters = { Action: 'GetQueueUrl', QueueName: 'none', Version: '2012-11-05' };
    const reply = await cloud.raw(get('/', parameters, { headers: { accept: 'application/json' } }));
    expect(reply).toMatchObject({ status: 400, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(reply.text)).toMatchObject({
      Error: { Type: 'Sender', Code: noSuchQueue.code, Message: noSuchQueue.queryMessage },
      RequestId: reply.headers['x-amzn-requestid'],
    });
  },
  'an empty batch': async (cloud) => {
    await cloud.create();
    const reply = await cloud.raw(form({ Action: 'SendMessageBatch' }, { path: queuePath('Queue') }));
    expectRefusal('Query', reply, {
      shape: 'EmptyBatchRequest',
      code: 'AWS.SimpleQueueService.EmptyBatchRequest',
      message: 'There should be at least one SendMessageBatchRequestEntry in the request.',
    });
  },
});

const sendTo = async (cloud: ConformanceCloud, request: RawRequest, queue: string) => {
  const reply = await cloud.raw(request);
  expect(reply).toMatchObject({ status: 200 });
  return cloud.bodies(queue);
};

conformance('§1.1 queue URLs', {
  'a bare name': async (cloud) => {
    await cloud.create();
    await cloud.send('Queue', 'x');
    expect(await cloud.bodies('Queue')).toEqual(['x']);
  },
  'another host, scheme or port': async (cloud) => {
    const url = await cloud.create();
    const hosts = ['http://localhost:4566', 'https://sqs.us-east-1.amazonaws.com', 'https://queue.amazonaws.com'];
    const regional = ['sqs.us-east-1.api.aws', 'sqs-fips.us-east-1.api.aws', 'us-east-1.queue.amazonaws.com'];
    for (const host of [...hosts, 'http://host.docker.internal:9324', ...regional.map((name) => `https://${name}`)]) {
      await cloud.send(`${host}/${ACCOUNT}/Queue`, host);
      expect(await cloud.bodies(url)).toEqual([host]);
    }
  },
  '/account/name without a host': async (cloud) => {
    await cloud.create();
    await cloud.send(`/${ACCOUNT}/Queue`, 'x');
    expect(await cloud.bodies(`${ACCOUNT}/Queue`)).toEqual(['x']);
  },
  'with a slash at its end': async (cloud) => {
    const url = await cloud.create();
    await cloud.send(`${url}/`, 'x');
    expect(await cloud.bodies(url)).toEqual(['x']);
  },
  'path form: …/queue/<region>/<account>/<name>': async (cloud) => {
    const url = await cloud.create();
    await cloud.send(`http://localhost:4566/queue/us-east-1/${ACCOUNT}/Queue`, 'x');
    expect(await cloud.bodies(url)).toEqual(['x']);
  },
  'domain form: <region>.queue.localhost': async (cloud) => {
    const url = await cloud.create();
    await cloud.send(`http://us-east-1.queue.localhost:4566/${ACCOUNT}/Queue`, 'x');
    await cloud.send(`http://us-east-1.queue.localhost.localstack.cloud:4566/${ACCOUNT}/Queue`, 'y');
    expect(await cloud.bodies(url)).toEqual(['x', 'y']);
  },
  "the link to a queue's page in the console": async (cloud) => {
    const url = await cloud.create();
    const page = encodeURIComponent(`https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/Queue`);
    await cloud.send(`https://us-east-1.console.aws.amazon.com/sqs/v3/home?region=us-east-1#/queues/${page}`, 'x');
    expect(await cloud.bodies(url)).toEqual(['x']);
  },
  'the region in a queue URL goes before that of the credential': async (cloud) => {
    const { QueueUrl: there } = await cloud.call('CreateQueue', { QueueName: 'Queue' }, { region: 'eu-west-1' });
    await cloud.create();
    for (const url of [
      `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/Queue`,
      `http://eu-west-1.queue.localhost:4566/${ACCOUNT}/Queue`,
      `http://sqs.eu-west-1.localhost:4566/${ACCOUNT}/Queue`,
      `http://localhost:4566/queue/eu-west-1/${ACCOUNT}/Queue`,
    ]) {
      await cloud.send(url, url);
      const { Messages = [] } = await cloud.call('ReceiveMessage', { QueueUrl: there }, { region: 'eu-west-1' });
      expect(Messages.map(({ Body }) => Body)).toEqual([url]);
    }
    expect(await cloud.bodies('Queue')).toEqual([]);
  },
  "another account's queue is none": async (cloud) => {
    await cloud.create();
    const input = { QueueUrl: cloud.urlOf('Queue', '999999999999'), MessageBody: 'x' };
    await cloud.refuses('SendMessage', input, noSuchQueue);
  },
});

rawConformance('§1.1 endpoints', {
  'queue URLs are given out for the host that was asked': async (cloud) => {
    for (const host of ['localhost:4566', 'sqs.us-east-1.localhost:4566', '127.0.0.1:80', 'spillway.localhost:4566']) {
      const reply = await cloud.raw(json('CreateQueue', { QueueName: 'Queue' }, { host }));
      expect(JSON.parse(reply.text)).toEqual({
        QueueUrl: `http://${host.replace(':80', cloud.transportName === 'port' ? ':80' : '')}/${ACCOUNT}/Queue`,
      });
    }
  },
  'unsigned: the region is that of the host': async (cloud) => {
    const host = 'eu-west-1.queue.localhost:4566';
    const created = await cloud.raw(json('CreateQueue', { QueueName: 'Queue' }, { host }));
    expect(created.text).toBe(`{"QueueUrl":"http://${host}/${ACCOUNT}/Queue"}`);
    const { text } = await cloud.raw(
      get(queuePath('Queue'), { Action: 'GetQueueAttributes', 'AttributeName.1': 'QueueArn' }, { host }),
    );
    expect(text).toContain(`arn:aws:sqs:eu-west-1:${ACCOUNT}:Queue`);
    expect((await cloud.raw(json('ListQueues', {}))).text).toBe('{}');
  },
  'unsigned: the path form, by GET, POST and JSON': async (cloud) => {
    const created = { QueueName: 'Queue' };
    await cloud.raw(json('CreateQueue', created, { headers: signed('test', 'eu-west-1') }));
    const path = `/queue/eu-west-1/${ACCOUNT}/Queue`;
    const queue = `http://localhost${path}`;
    expect(await sendTo(cloud, get(path, { Action: 'SendMessage', MessageBody: '1' }), queue)).toEqual(['1']);
    expect(await sendTo(cloud, form({ Action: 'SendMessage', MessageBody: '2' }, { path }), queue)).toEqual(['2']);
    expect(await sendTo(cloud, json('SendMessage', { MessageBody: '3' }, { path }), queue)).toEqual(['3']);
  },
  'unsigned: the account is that of the queue URL': async (cloud) => {
    await cloud.raw(json('CreateQueue', { QueueName: 'Queue' }, { headers: signed('111122223333', 'us-east-1') }));
    const reply = await cloud.raw(get('/111122223333/Queue', { Action: 'SendMessage', MessageBody: 'x' }));
    expect(reply.status).toBe(200);
  },
  'signed in the URL: account and region are those of the credential': async (cloud) => {
    const reply = await cloud.raw(
      get('/', {
        Action: 'CreateQueue',
        QueueName: 'Queue',
        Version: '2012-11-05',
        'X-Amz-Credential': '111122223333/20300101/eu-west-1/sqs/aws4_request',
      }),
    );
    expect(reply.text).toContain('/111122223333/Queue</QueueUrl>');
    const listed = await cloud.raw(json('ListQueues', {}, { headers: signed('111122223333', 'eu-west-1') }));
    expect(listed.text).toContain('/111122223333/Queue');
  },
  'a slash at the end of the path': async (cloud) => {
    await cloud.create();
    const path = `${queuePath('Queue')}/`;
    expect(await sendTo(cloud, get(path, { Action: 'SendMessage', MessageBody: 'x' }), 'Queue')).toEqual(['x']);
  },
});

conformance('§1.1 accounts and regions', {
  'a 12-digit access key id is the account; any other is account 000000000000': async (cloud) => {
    for (const [accessKeyId, account] of [
      ['111122223333', '111122223333'],
      ['AKIAIOSFODNN7EXAMPLE', ACCOUNT],
      ['12345', ACCOUNT],
    ]) {
      const { QueueUrl } = await cloud.call('CreateQueue', { QueueName: 'Queue' }, { accessKeyId });
      expect(QueueUrl).toBe(cloud.urlOf('Queue', account));
    }
  },
  'accounts and regions are apart': async (cloud) => {
    await cloud.create();
    for (const signer of [{ accessKeyId: '111122223333' }, { region: 'eu-west-1' }]) {
      expect(await cloud.call('ListQueues', {}, signer)).toEqual({});
      await cloud.refuses('GetQueueUrl', { QueueName: 'Queue' }, noSuchQueue, signer);
      const { QueueUrl } = await cloud.call('CreateQueue', { QueueName: 'Queue' }, signer);
      const input = { QueueUrl, AttributeNames: ['QueueArn'] };
      const { Attributes } = await cloud.call('GetQueueAttributes', input, signer);
      const { accessKeyId = ACCOUNT, region = 'us-east-1' } = signer as { accessKeyId?: string; region?: string };
      expect(Attributes).toEqual({ QueueArn: `arn:aws:sqs:${region}:${accessKeyId}:Queue` });
    }
  },
  'QueueUrl is required of all that take it': async (cloud) => {
    for (const action of ['SendMessage', 'ReceiveMessage', 'DeleteQueue', 'PurgeQueue', 'ListQueueTags']) {
      await cloud.refuses(action, {}, missing('QueueUrl'));
    }
  },
});
