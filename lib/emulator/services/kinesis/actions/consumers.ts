import type {
  DeregisterStreamConsumerInput,
  DescribeStreamConsumerInput,
  DescribeStreamConsumerOutput,
  ListStreamConsumersInput,
  ListStreamConsumersOutput,
  RegisterStreamConsumerInput,
  RegisterStreamConsumerOutput,
} from '@aws-sdk/client-kinesis';
import { type Clock, SECOND } from '../../../clock';
import { page, type RequestContext } from '../../../core';
import type { Timeline } from '../../../timeline';
import { authorize } from '../authorization';
import type { StreamDirectory } from '../directory';
import { inUse, invalidArgument, limitExceeded, notFound } from '../errors';
import { type KinesisLimits, LIMITS } from '../limits';
import { Consumer } from '../streams/consumer';
import { Members, putTags } from '../validation';

/** The registered consumers of streams. */
export class Consumers {
  constructor(
    private readonly clock: Clock,
    private readonly timeline: Timeline,
    private readonly directory: StreamDirectory,
    private readonly limits: KinesisLimits,
  ) {}

  public register(input: RegisterStreamConsumerInput, context: RequestContext): RegisterStreamConsumerOutput {
    const { ConsumerName: name = '', StreamARN, Tags = {} } = input;
    new Members().name('consumerName', name).throwAny();
    const stream = this.directory.active({ StreamARN }, 'RegisterStreamConsumer', context);
    const { consumers, account } = stream;
    if (consumers.has(name)) {
      throw inUse(`Consumer ${name} under stream ${stream.name} already exists for account ${account}.`);
    }
    const inCreation = [...consumers.values()].filter(({ status }) => status === 'CREATING').length;
    if (consumers.size >= LIMITS.consumers || inCreation >= LIMITS.consumersInCreation) {
      const limit = consumers.size >= LIMITS.consumers ? LIMITS.consumers : LIMITS.consumersInCreation;
      throw limitExceeded(`Cannot register more than ${limit} consumers for stream ${stream.name}.`);
    }
    const now = this.clock.now();
    const arn = `${stream.arn}/consumer/${name}:${Math.floor(now / SECOND)}`;
    const consumer = new Consumer(stream, name, arn, now);
    putTags(consumer.tags, Tags);
    consumers.set(name, consumer);
    this.timeline.record('kinesis.consumerRegistered', stream.name, { consumer: name });
    this.later(() => {
      if (consumer.status === 'CREATING') consumer.status = 'ACTIVE';
    });
    return { Consumer: consumer.summary() };
  }

  public deregister(input: DeregisterStreamConsumerInput, context: RequestContext): void {
    const consumer = this.find(input, 'DeregisterStreamConsumer', context);
    consumer.status = 'DELETING';
    this.later(() => {
      consumer.stream.consumers.delete(consumer.name);
      consumer.stream.changed();
    });
  }

  public describe(input: DescribeStreamConsumerInput, context: RequestContext): DescribeStreamConsumerOutput {
    return { ConsumerDescription: this.find(input, 'DescribeStreamConsumer', context).describe() };
  }

  public list(input: ListStreamConsumersInput, context: RequestContext): ListStreamConsumersOutput {
    const { MaxResults = 100, NextToken, StreamARN } = input;
    new Members().range('maxResults', MaxResults, 1, 10_000).throwAny();
    const stream = this.directory.find({ StreamARN }, 'ListStreamConsumers', context);
    const all = [...stream.consumers.values()].map((consumer) => consumer.summary());
    const { items, nextToken } = page(all, MaxResults, NextToken, () => invalidArgument('NextToken is invalid.'));
    return { Consumers: items, ...(nextToken !== undefined && { NextToken: nextToken }) };
  }

  /** The consumer of a request: by its ARN, or by the stream's ARN and its name. */
  public find(input: DescribeStreamConsumerInput, action: string, context: RequestContext): Consumer {
    const { ConsumerARN, StreamARN, ConsumerName } = input;
    let consumer: Consumer | undefined;
    if (ConsumerARN !== undefined) consumer = this.directory.consumer(ConsumerARN);
    else if (StreamARN !== undefined && ConsumerName !== undefined) {
      consumer = this.directory.byArn(StreamARN)?.consumers.get(ConsumerName);
    } else {
      throw invalidArgument('Either ConsumerARN or both StreamARN and ConsumerName must be provided.');
    }
    if (consumer === undefined) {
      const what = ConsumerARN ?? `${ConsumerName} of stream ${StreamARN}`;
      throw notFound(`Consumer ${what}, account ${context.account} not found.`);
    }
    authorize(consumer, action, context, this.clock);
    return consumer;
  }

  /** Completes the creation of a consumer, and deletes one that is DELETING. */
  public settle(consumer: Consumer): void {
    if (consumer.status === 'CREATING') consumer.status = 'ACTIVE';
    if (consumer.status === 'DELETING') consumer.stream.consumers.delete(consumer.name);
  }

  private later(change: () => void): void {
    const { transition } = this.limits;
    if (transition === 0) return change();
    this.clock.schedule(this.clock.now() + transition, change, 'a consumer changes its state');
  }
}
