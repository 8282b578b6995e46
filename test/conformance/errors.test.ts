import {
  badHandle,
  batchTooLong,
  deletedRecently,
  emptyBatch,
  expiredHandle,
  idsNotDistinct,
  invalid,
  invalidAttributeName,
  invalidAttributeValue,
  invalidEntryId,
  invalidValue,
  missing,
  nameExists,
  noSuchQueue,
  notAvailable,
  purgeInProgress,
  tooManyEntries,
  unknownAttribute,
} from './refusals';
import { conformance } from './rows';

const NO_GROUP = 'The request must contain the parameter MessageGroupId.';
const NO_DEDUPLICATION =
  'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly';
const BAD_ID = (name: string) =>
  `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;
const NOT_FOR_TYPE = 'The request include parameter that is not valid for this queue type.';
const BATCH_SHORTER = 'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.';

conformance('§1.2 errors', {
  'a queue that does not exist': async (cloud) => {
    const QueueUrl = cloud.urlOf('none');
    const inputs: Record<string, object> = {
      SendMessage: { MessageBody: 'x' },
      SendMessageBatch: { Entries: [{ Id: 'a', MessageBody: 'x' }] },
      ReceiveMessage: {},
      DeleteMessage: { ReceiptHandle: 'x' },
      DeleteMessageBatch: { Entries: [{ Id: 'a', ReceiptHandle: 'x' }] },
      ChangeMessageVisibility: { ReceiptHandle: 'x', VisibilityTimeout: 1 },
      ChangeMessageVisibilityBatch: { Entries: [{ Id: 'a', ReceiptHandle: 'x', VisibilityTimeout: 1 }] },
      GetQueueAttributes: { AttributeNames: ['All'] },
      SetQueueAttributes: { Attributes: { DelaySeconds: '1' } },
      PurgeQueue: {},
      DeleteQueue: {},
      TagQueue: { Tags: { a: 'b' } },
      UntagQueue: { TagKeys: ['a'] },
      ListQueueTags: {},
      ListDeadLetterSourceQueues: {},
    };
    for (const [action, input] of Object.entries(inputs)) {
      await cloud.refuses(action, { QueueUrl, ...input }, noSuchQueue);
    }
    await cloud.refuses('GetQueueUrl', { QueueName: 'none' }, noSuchQueue);
  },
  'create with the same name and another attribute': async (cloud) => {
    await cloud.create('Queue', { VisibilityTimeout: '30' });
    await cloud.refuses(
      'CreateQueue',
      { QueueName: 'Queue', Attributes: { VisibilityTimeout: '31' } },
      nameExists('VisibilityTimeout'),
    );
  },
  'create within 60 s of the deletion': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.call('DeleteQueue', { QueueUrl });
    await cloud.wait(59);
    await cloud.refuses('CreateQueue', { QueueName: 'Queue' }, deletedRecently);
    await cloud.wait(1);
    await cloud.create();
  },
  'purge within 60 s of a purge': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.call('PurgeQueue', { QueueUrl });
    await cloud.refuses('PurgeQueue', { QueueUrl }, purgeInProgress('Queue'));
    await cloud.wait(60);
    await cloud.call('PurgeQueue', { QueueUrl });
  },
  'a message longer than the queue takes': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { MaximumMessageSize: '1024' });
    await cloud.send(QueueUrl, 'x'.repeat(1024));
    await cloud.refuses(
      'SendMessage',
      { QueueUrl, MessageBody: 'x'.repeat(1025) },
      invalid('One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.'),
    );
  },
  'a message longer than 1 MiB': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x'.repeat(1_048_576));
    await cloud.refuses(
      'SendMessage',
      { QueueUrl, MessageBody: 'x'.repeat(1_048_577) },
      invalid('One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.'),
    );
  },
  'a batch entry longer than the queue takes fails alone': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { MaximumMessageSize: '1024' });
    const Entries = [
      { Id: 'long', MessageBody: 'x'.repeat(1025) },
      { Id: 'short', MessageBody: 'x' },
    ];
    const { Successful, Failed } = await cloud.call('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful?.map(({ Id }) => Id)).toEqual(['short']);
    expect(Failed).toEqual([{ Id: 'long', SenderFault: true, Code: 'InvalidParameterValue', Message: BATCH_SHORTER }]);
  },
  'a batch longer than 1 MiB in sum fails as a whole': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { MaximumMessageSize: '1024' });
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(524_289) }));
    await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, batchTooLong(1_048_578));
  },
  'more than 10 entries': async (cloud) => {
    const QueueUrl = await cloud.create();
    const ids = Array.from({ length: 11 }, (_, i) => String(i));
    const Entries = ids.map((Id) => ({ Id, MessageBody: 'x' }));
    await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, tooManyEntries(11));
    const deletes = ids.map((Id) => ({ Id, ReceiptHandle: 'x' }));
    await cloud.refuses('DeleteMessageBatch', { QueueUrl, Entries: deletes }, tooManyEntries(11));
  },
  'no entries': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const action of ['SendMessageBatch', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch']) {
      await cloud.refuses(action, { QueueUrl, Entries: [] }, emptyBatch(`${action}RequestEntry`));
    }
  },
  'an entry id twice': async (cloud) => {
    const QueueUrl = await cloud.create();
    const Entries = ['a', 'b', 'a'].map((Id) => ({ Id, MessageBody: 'x' }));
    await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, idsNotDistinct('a'));
  },
  'an entry id of other characters, or of more than 80': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const Id of ['a b', 'a.b', 'é', 'x'.repeat(81)]) {
      const Entries = [{ Id, MessageBody: 'x' }];
      await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, invalidEntryId);
    }
    const Entries = [{ Id: `A-z_9${'x'.repeat(75)}`, MessageBody: 'x' }];
    expect((await cloud.call('SendMessageBatch', { QueueUrl, Entries })).Failed).toBeUndefined();
  },
  'MaxNumberOfMessages 0 and 11': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const MaxNumberOfMessages of [0, 11, -1]) {
      await cloud.refuses(
        'ReceiveMessage',
        { QueueUrl, MaxNumberOfMessages },
        invalidValue('MaxNumberOfMessages', MaxNumberOfMessages, 'Must be between 1 and 10, if provided.'),
      );
    }
  },
  'WaitTimeSeconds over 20': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const WaitTimeSeconds of [21, -1]) {
      await cloud.refuses(
        'ReceiveMessage',
        { QueueUrl, WaitTimeSeconds },
        invalidValue('WaitTimeSeconds', WaitTimeSeconds, 'Must be >= 0 and <= 20, if provided.'),
      );
    }
  },
  'an empty or absent body': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: '' }, missing('MessageBody'));
    await cloud.refuses('SendMessage', { QueueUrl }, missing('MessageBody'));
  },
  'an empty string attribute': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.refuses(
      'SendMessage',
      { QueueUrl, MessageBody: 'x', MessageAttributes: { Empty: { DataType: 'String', StringValue: '' } } },
      invalid("Message (user) attribute 'Empty' must contain a non-empty value of type 'String'."),
    );
  },
  'FIFO: no group id, singly': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    const input = { QueueUrl, MessageBody: 'x', MessageDeduplicationId: 'd' };
    await cloud.refuses('SendMessage', input, missing('MessageGroupId'));
  },
  'FIFO: no group id in a batch fails the whole': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo', { ContentBasedDeduplication: 'true' });
    const Entries = [
      { Id: 'a', MessageBody: 'x', MessageGroupId: 'g' },
      { Id: 'b', MessageBody: 'y' },
    ];
    await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, invalid(NO_GROUP));
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  },
  'FIFO: no deduplication id, singly and in a batch': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    const message = { MessageBody: 'x', MessageGroupId: 'g' };
    await cloud.refuses('SendMessage', { QueueUrl, ...message }, invalid(NO_DEDUPLICATION));
    const Entries = [{ Id: 'a', ...message }];
    await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, invalid(NO_DEDUPLICATION));
  },
  'a bad group id, on FIFO and on standard': async (cloud) => {
    const fifo = await cloud.create('Queue.fifo', { ContentBasedDeduplication: 'true' });
    for (const QueueUrl of [fifo, await cloud.create()]) {
      for (const MessageGroupId of ['a b', 'é', 'x'.repeat(129)]) {
        await cloud.refuses(
          'SendMessage',
          { QueueUrl, MessageBody: 'x', MessageGroupId },
          invalidValue('MessageGroupId', MessageGroupId, BAD_ID('MessageGroupId')),
        );
      }
    }
  },
  '§1.2 a bad id in a batch fails its entry alone': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo', { ContentBasedDeduplication: 'true' });
    const Entries = [
      { Id: 'bad', MessageBody: 'x', MessageGroupId: 'a b' },
      { Id: 'good', MessageBody: 'y', MessageGroupId: 'g' },
    ];
    const { Successful, Failed } = await cloud.call('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(Failed).toMatchObject([{ Id: 'bad', SenderFault: true, Code: 'InvalidParameterValue' }]);
  },
  'more than 30 requests about tags in a second': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (let i = 0; i < 30; i++) await cloud.call('ListQueueTags', { QueueUrl });
    const throttled = { shape: 'RequestThrottled', status: 403, message: /.+/ };
    await cloud.refuses('TagQueue', { QueueUrl, Tags: { a: 'b' } }, throttled);
    await cloud.wait(1);
    await cloud.call('TagQueue', { QueueUrl, Tags: { a: 'b' } });
  },
  'a bad deduplication id, on FIFO and on standard': async (cloud) => {
    for (const QueueUrl of [await cloud.create('Queue.fifo'), await cloud.create()]) {
      for (const MessageDeduplicationId of ['a b', 'x'.repeat(129)]) {
        await cloud.refuses(
          'SendMessage',
          { QueueUrl, MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId },
          invalidValue('MessageDeduplicationId', MessageDeduplicationId, BAD_ID('MessageDeduplicationId')),
        );
      }
    }
  },
  'ids take all punctuation': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    const id = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
    await cloud.send(QueueUrl, 'x', { MessageGroupId: id, MessageDeduplicationId: id });
    const [{ Attributes }] = await cloud.receive(QueueUrl, { AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({ MessageGroupId: id, MessageDeduplicationId: id });
  },
  'FIFO: DelaySeconds of a message other than 0': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo', { ContentBasedDeduplication: 'true' });
    const message = { QueueUrl, MessageBody: 'x', MessageGroupId: 'g' };
    await cloud.refuses('SendMessage', { ...message, DelaySeconds: 2 }, invalidValue('DelaySeconds', 2, NOT_FOR_TYPE));
    await cloud.call('SendMessage', { ...message, DelaySeconds: 0 });
  },
  'FifoQueue on a standard queue': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.refuses(
      'SetQueueAttributes',
      { QueueUrl, Attributes: { FifoQueue: 'true' } },
      unknownAttribute('FifoQueue'),
    );
  },
  'FifoQueue=false on a FIFO queue': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.refuses(
      'SetQueueAttributes',
      { QueueUrl, Attributes: { FifoQueue: 'false' } },
      invalidAttributeValue(
        'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
      ),
    );
  },
  'high-throughput attributes on a standard queue': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.refuses(
      'SetQueueAttributes',
      { QueueUrl, Attributes: { DeduplicationScope: 'messageGroup' } },
      invalidAttributeName('You can specify the DeduplicationScope only when FifoQueue is set to true.'),
    );
  },
  'KMS and SSE-SQS together': async (cloud) => {
    await cloud.refuses(
      'CreateQueue',
      { QueueName: 'Queue', Attributes: { KmsMasterKeyId: 'alias/aws/sqs', SqsManagedSseEnabled: 'true' } },
      invalidAttributeName(
        'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
      ),
    );
  },
  'an unknown attribute, set or asked for': async (cloud) => {
    await cloud.refuses('CreateQueue', { QueueName: 'Queue', Attributes: { Foobar: 'x' } }, unknownAttribute('Foobar'));
    const QueueUrl = await cloud.create();
    await cloud.refuses('GetQueueAttributes', { QueueUrl, AttributeNames: ['Foobar'] }, unknownAttribute('Foobar'));
    await cloud.refuses('SetQueueAttributes', { QueueUrl, Attributes: { Foobar: 'x' } }, unknownAttribute('Foobar'));
    await cloud.refuses('ReceiveMessage', { QueueUrl, AttributeNames: ['Foobar'] }, unknownAttribute('Foobar'));
  },
  'a receipt handle that is none': async (cloud) => {
    const QueueUrl = await cloud.create();
    const garbage = { QueueUrl, ReceiptHandle: 'garbage' };
    await cloud.refuses('DeleteMessage', garbage, badHandle('garbage'));
    await cloud.refuses('ChangeMessageVisibility', { ...garbage, VisibilityTimeout: 0 }, badHandle('garbage'));
  },
  'a receipt handle that is none, in a batch': async (cloud) => {
    const QueueUrl = await cloud.create();
    const Entries = [{ Id: 'a', ReceiptHandle: 'garbage' }];
    const { Failed, Successful } = await cloud.call('DeleteMessageBatch', { QueueUrl, Entries });
    expect(Successful).toBeUndefined();
    expect(Failed).toEqual([
      {
        Id: 'a',
        SenderFault: true,
        Code: 'ReceiptHandleIsInvalid',
        Message: 'The input receipt handle "garbage" is not a valid receipt handle.',
      },
    ]);
  },
  'FIFO: deletion after the visibility timeout': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', 'x');
    const [{ ReceiptHandle = '' }] = await cloud.receive(QueueUrl, { VisibilityTimeout: 5 });
    await cloud.wait(6);
    await cloud.refuses('DeleteMessage', { QueueUrl, ReceiptHandle }, expiredHandle(ReceiptHandle));
  },
  'ChangeMessageVisibility of a deleted message': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    const [message] = await cloud.receive(QueueUrl);
    await cloud.delete(QueueUrl, message);
    const { ReceiptHandle = '' } = message;
    await cloud.refuses(
      'ChangeMessageVisibility',
      { QueueUrl, ReceiptHandle, VisibilityTimeout: 1 },
      notAvailable(ReceiptHandle),
    );
  },
  'required parameters': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const [action, input, parameter] of [
      ['CreateQueue', {}, 'QueueName'],
      ['GetQueueUrl', {}, 'QueueName'],
      ['DeleteMessage', { QueueUrl }, 'ReceiptHandle'],
      ['ChangeMessageVisibility', { QueueUrl, VisibilityTimeout: 1 }, 'ReceiptHandle'],
      ['ChangeMessageVisibility', { QueueUrl, ReceiptHandle: 'x' }, 'VisibilityTimeout'],
      ['UntagQueue', { QueueUrl }, 'TagKeys'],
      ['TagQueue', { QueueUrl }, 'Tags'],
      ['SetQueueAttributes', { QueueUrl }, 'Attributes'],
    ] as const) {
      await cloud.refuses(action, input, missing(parameter));
    }
  },
});
