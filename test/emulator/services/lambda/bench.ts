import { join } from 'node:path';
import type { EventSourceMappingConfiguration, InvocationResponse } from '@aws-sdk/client-lambda';
import type { Message } from '@aws-sdk/client-sqs';
import type { AwsError, RequestContext } from '../../../../lib/emulator/core';
import { Random, SECOND, VirtualClock } from '../../../../lib/emulator/clock';
import { createSandboxRunner } from '../../../../lib/emulator/compute/functions';
import type { LogLine, ComputeHost } from '../../../../lib/emulator/compute/compute-host';
import { Lambda, type NewFunction, type LambdaLimits } from '../../../../lib/emulator/services/lambda';
import { SqsEventSource } from '../../../../lib/emulator/integrations/lambda-event-sources';
import { Sqs } from '../../../../lib/emulator/services/sqs';
import { Timeline, type TimelineEvent } from '../../../../lib/emulator/timeline';
import { roleCredentials } from '../../sessions';

const account = '123456789012';
const region = 'eu-central-1';

/** Matches an error that has these properties. */
export const awsError = (properties: Partial<AwsError>): Error => expect.objectContaining(properties) as Error;

/** Lambda and SQS of one account and region, wired together, in virtual time, with the functions of `fixtures/`. */
export class Bench {
  public readonly clock = new VirtualClock();
  public readonly timeline = new Timeline(this.clock);
  public readonly events: TimelineEvent[] = [];
  public readonly lines: LogLine[] = [];
  public readonly call: RequestContext = {
    account,
    region,
    principal: `arn:aws:iam::${account}:root`,
    endpoint: 'http://127.0.0.1:4566',
  };
  public readonly sqs: Sqs;
  public readonly lambda: Lambda;

  constructor(limits: Partial<LambdaLimits> = {}) {
    const { clock, timeline } = this;
    const random = new Random(7);
    const computeHost: ComputeHost = {
      region,
      account,
      endpointUrl: () => 'http://127.0.0.1:4566',
      credentials: roleCredentials(account),
      openMetadata: () => Promise.reject(new Error('functions have no metadata service')),
      log: (line) => void this.lines.push(line),
    };
    this.sqs = new Sqs({ clock, timeline, account, region, random: random.fork('sqs') });
    this.lambda = new Lambda({
      clock,
      timeline,
      account,
      region,
      random: random.fork('lambda'),
      runner: createSandboxRunner({ clock, random, computeHost }),
      queues: new SqsEventSource({ account, region, api: { sqs: this.sqs } }),
      limits,
    });
    timeline.subscribe((event) => this.events.push(event));
  }

  public deploy(functionName: string, handler: string, more: Partial<NewFunction> = {}): void {
    this.lambda.deployFunction({
      functionName,
      functionArn: `arn:aws:lambda:${region}:${account}:function:${functionName}`,
      runtime: 'nodejs22.x',
      handler,
      codeDirectory: join(__dirname, 'fixtures'),
      environment: {},
      timeoutSeconds: 3,
      memoryMegabytes: 128,
      ...more,
    });
  }

  public queue(name: string, attributes: Record<string, string> = {}): string {
    this.sqs.createQueue({ QueueName: name, Attributes: attributes }, this.call);
    return `arn:aws:sqs:${region}:${account}:${name}`;
  }

  /** Maps a queue to a function and waits until the mapping works. */
  public async map(
    queueArn: string,
    functionName: string,
    more: Partial<Parameters<Lambda['createEventSourceMapping']>[0]> = {},
  ): Promise<EventSourceMappingConfiguration> {
    const input = { FunctionName: functionName, EventSourceArn: queueArn, ...more };
    const mapping = this.lambda.createEventSourceMapping(input, this.call);
    await this.clock.advance(2 * SECOND);
    return this.lambda.getEventSourceMapping({ UUID: mapping.UUID }, this.call);
  }

  public send(queue: string, ...bodies: unknown[]): void {
    for (const body of bodies) {
      const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
      this.sqs.sendMessage({ QueueUrl: queue, MessageBody }, this.call);
    }
  }

  public receive(queue: string): Message[] {
    const input = { QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 };
    const answer = this.sqs.receiveMessage(input, this.call);
    if (answer instanceof Promise) throw new Error('a short poll does not wait');
    return answer.Messages ?? [];
  }

  public async invoke(functionName: string, event: unknown): Promise<InvocationResponse & { answer: unknown }> {
    const response = await this.lambda.invoke(
      { FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) },
      this.call,
    );
    return { ...response, answer: JSON.parse(Buffer.from(response.Payload ?? []).toString()) as unknown };
  }

  /** What a function has written, without the lines of Lambda's own. */
  public output(functionName: string): string[] {
    return this.lines
      .filter(
        ({ source, text }) => source === functionName && !/^(START|END|REPORT) RequestId|^Invoke Error/.test(text),
      )
      .map(({ text }) => text);
  }

  public of(kind: string): TimelineEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }
}
