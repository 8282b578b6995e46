// The engine without the wire: `engine.js <case> <size>` prints the microseconds of processor time that a case's operation
// takes with so much in the queue. Each in a process of its own: a large heap would slow down its neighbours.
import { type Clock, Random, SystemClock } from '../../../lib/emulator/clock';
import { DynamoDb } from '../../../lib/emulator/services/dynamodb';
import { Sqs } from '../../../lib/emulator/services/sqs';
import { Timeline } from '../../../lib/emulator/timeline';
import { messageBody } from '../requests';
import { median } from '../statistics';

const OPERATIONS = 20_000;
const REPETITIONS = 9;

const clock: Clock = new SystemClock();
const call = {
  account: '000000000000',
  region: 'us-east-1',
  principal: 'arn:aws:iam::000000000000:root',
  endpoint: '',
};

class Bench {
  public readonly sqs = new Sqs({
    ...call,
    clock,
    random: new Random(1),
    timeline: new Timeline(clock),
    limits: { fifoTransactions: Infinity }, // SQS's own limit would be all that is measured
  });
  private sent = 0;

  public queue(name: string): string {
    const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : undefined;
    return this.sqs.createQueue({ QueueName: name, Attributes }, call).QueueUrl ?? name;
  }

  public send(QueueUrl: string, bytes = 32): void {
    this.sqs.sendMessage({ QueueUrl, MessageBody: body(bytes) }, call);
  }

  public sendTo(QueueUrl: string, MessageGroupId: string): void {
    const MessageDeduplicationId = String(this.sent++);
    this.sqs.sendMessage({ QueueUrl, MessageBody: body(32), MessageGroupId, MessageDeduplicationId }, call);
  }

  public receive(QueueUrl: string): string[] {
    const found = this.sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 1 }, call);
    if (found instanceof Promise) throw new Error('nobody waits here');
    return (found.Messages ?? []).map(({ ReceiptHandle = '' }) => ReceiptHandle);
  }

  public receiveAndDelete(QueueUrl: string): void {
    const handles = this.receive(QueueUrl);
    if (handles.length === 0) throw new Error('the queue ran empty');
    for (const ReceiptHandle of handles) this.sqs.deleteMessage({ QueueUrl, ReceiptHandle }, call);
  }
}

// As a parser gives it: a string of its own for each message.
function body(bytes: number): string {
  return (JSON.parse(BODIES[bytes]) as string[])[0];
}
const BODIES: Readonly<Record<number, string>> = {
  32: JSON.stringify([messageBody(32)]),
  1024: JSON.stringify([messageBody(1024)]),
};

type Operation = (turn: number) => void;

const cases: Readonly<Record<string, (bench: Bench, size: number) => Operation>> = {
  /** `size`: of a body, in bytes. The messages stay. */
  send: (bench, size) => {
    const url = bench.queue('queue');
    const bodies = Array.from({ length: OPERATIONS }, () => body(size)); // to make them is the wire's work
    return (turn) => bench.sqs.sendMessage({ QueueUrl: url, MessageBody: bodies[turn] }, call);
  },
  depth: (bench, size) => {
    const url = bench.queue('queue');
    for (let i = 0; i < size; i++) bench.send(url);
    return () => {
      bench.send(url);
      bench.receiveAndDelete(url);
    };
  },
  groups: (bench, size) => {
    const url = bench.queue('queue.fifo');
    for (let i = 0; i < 10_000; i++) bench.sendTo(url, String(i % size));
    return (turn) => {
      bench.sendTo(url, String(turn % size));
      bench.receiveAndDelete(url);
    };
  },
  /** A group with `size` messages, the first of them in flight. */
  blocked: (bench, size) => {
    const url = bench.queue('queue.fifo');
    for (let i = 0; i < size; i++) bench.sendTo(url, 'blocked');
    if (bench.receive(url).length !== 1) throw new Error('the group is not blocked');
    return () => {
      bench.sendTo(url, 'free');
      bench.receiveAndDelete(url);
    };
  },
  queues: (bench, size) => {
    const urls = Array.from({ length: size }, (_, index) => bench.queue(`queue-${index}`));
    return (turn) => {
      bench.send(urls[turn % size]);
      bench.receiveAndDelete(urls[turn % size]);
    };
  },
};

/** A table with `size` small items, each in a partition of its own. */
function tableOf(size: number): DynamoDb {
  const dynamodb = new DynamoDb({ ...call, clock, random: new Random(1), timeline: new Timeline(clock) });
  dynamodb.createTable(
    {
      TableName: TABLE,
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    },
    call,
  );
  for (let n = 0; n < size; n++) dynamodb.putItem({ TableName: TABLE, Item: itemOf(n) }, call);
  return dynamodb;
}

const TABLE = 'Items';

function itemOf(n: number) {
  return { pk: { S: `customer-${n}` }, sk: { N: String(n) }, state: { S: `open since ${n}` } };
}

/** GetItem, PutItem and Query of one item, in a table of `size`. */
function tableCase(size: number): Operation {
  const dynamodb = tableOf(size);
  return (turn) => {
    const item = itemOf((turn * 7_919) % size);
    const Key = { pk: item.pk, sk: item.sk };
    dynamodb.putItem({ TableName: TABLE, Item: item }, call);
    if (dynamodb.getItem({ TableName: TABLE, Key }, call).Item === undefined) throw new Error('the item is gone');
    const ExpressionAttributeValues = { ':pk': item.pk };
    dynamodb.query({ TableName: TABLE, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues }, call);
  };
}

/** The bytes that an item of a table takes beyond its own. */
function itemOverhead(size: number): number {
  const heap = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  const dynamodb = tableOf(size);
  const [{ bytes }] = dynamodb.tableInfo();
  return (heap() - before - bytes) / size;
}

function cost(operation: Operation): number {
  const before = process.cpuUsage();
  for (let turn = 0; turn < OPERATIONS; turn++) operation(turn);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / OPERATIONS;
}

function measured(name: string, size: number): number {
  if (name === 'item-bytes') return itemOverhead(size);
  const operation = name === 'items' ? tableCase(size) : cases[name](new Bench(), size);
  cost(operation); // the first round warms up
  return median(Array.from({ length: REPETITIONS }, () => cost(operation)));
}

const [name, size] = process.argv.slice(2);
process.stdout.write(String(measured(name, Number(size))), () => process.exit());
