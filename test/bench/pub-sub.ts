import type { Events } from '../../lib/emulator/services/events';
import type { Sns } from '../../lib/emulator/services/sns';
import type { Sqs } from '../../lib/emulator/services/sqs';
import { Emulator, VirtualClock } from '../../lib/emulator';
import { median } from './statistics';

const PLACE = ['000000000000', 'us-east-1'] as const;
const QUEUES = 10;

/** The services of an emulator without the wire, and their caller. */
function services(emulator: Emulator) {
  const region = emulator.region(...PLACE);
  return {
    caller: region.caller,
    events: region.service('events') as Events,
    sns: region.service('sns') as Sns,
    sqs: region.service('sqs') as Sqs,
  };
}

/** Microseconds of processor time that one of `count` calls takes. */
function costOf(count: number, call: (index: number) => void): number {
  const begin = process.cpuUsage();
  for (let index = 0; index < count; index++) call(index);
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / count;
}

/** What an event costs on a bus with this many rules, of which one matches it, in microseconds. */
export async function eventCost(rules: number, events: number): Promise<number> {
  const emulator = new Emulator({ clock: new VirtualClock() });
  const { events: service, caller } = services(emulator);
  for (let index = 0; index < rules; index++) {
    const EventPattern = JSON.stringify({ source: ['shop'], detail: { kind: [`kind-${index}`] } });
    service.putRule({ Name: `rule-${index}`, EventPattern }, caller);
  }
  const entry = { Source: 'shop', DetailType: 'Order placed' };
  const cost = costOf(events, (index) => {
    const Detail = `{"order":${index},"kind":"kind-${index % rules}"}`;
    service.putEvents({ Entries: [{ ...entry, Detail }] }, caller);
  });
  await emulator.stop();
  return cost;
}

/** What the delivery of a raw message to one of ten queues costs, against a SendMessage. */
export async function fanOutRatio(messages: number): Promise<number> {
  const emulator = new Emulator({ clock: new VirtualClock() });
  const { sns, sqs, caller } = services(emulator);
  const { TopicArn = '' } = sns.createTopic({ Name: 'news' }, caller);
  for (let index = 0; index < QUEUES; index++) {
    const Endpoint = `arn:aws:sqs:us-east-1:000000000000:q${index}`;
    const Statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: Endpoint,
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    sqs.createQueue({ QueueName: `q${index}`, Attributes: { Policy } }, caller);
    sns.subscribe({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: 'true' } }, caller);
  }
  const body = 'x'.repeat(1_024);
  const published = costOf(messages, () => void sns.publish({ TopicArn, Message: body }, caller)) / QUEUES;
  sqs.createQueue({ QueueName: 'plain' }, caller);
  const sent = costOf(messages * QUEUES, () => void sqs.sendMessage({ QueueUrl: 'plain', MessageBody: body }, caller));
  await emulator.stop();
  return published / sent;
}

/** The median of several measurements. */
export async function medianOf(times: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let time = 0; time < times; time++) values.push(await measure());
  return median(values);
}
