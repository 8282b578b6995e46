import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { AwsError, type RequestContext, formatArn } from '../core';
import type { FunctionModel, WorkerModel } from '../compute';
import type { Services } from '../services';
import type { Region } from './region';
import type { DeliveryAnomaly } from '../services/sqs';
import type { GroupStatus } from '../services/autoscaling/status';

/** A message to be sent without a client. */
export interface DirectMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** Whole seconds, 0–900. */
  readonly delaySeconds?: number;
}

/** A queue's messages, and what it waits for. */
export interface DirectQueue {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Long polls that wait for a message. */
  readonly waitingReceives: number;
  /** When the next message in flight or delayed becomes visible, in emulated milliseconds since the epoch. */
  readonly nextVisibleAt: number | undefined;
}

/** An event source mapping that reads a queue. */
export interface DirectMapping {
  readonly functionName: string;
  /** `Enabled`, `Disabled`, `Creating` … */
  readonly state: string;
}

/** What came of an invocation. */
export interface DirectInvocation {
  /** What the function answered, or the error as Lambda serialises it: JSON text. */
  readonly payload: string;
  /** Whether it is an error's. */
  readonly failed: boolean;
}

/**
 * One account in one region, by the names of its resources: what a test does and sees without a client, at once. What
 * AWS would refuse is refused with AWS's error.
 */
export class RegionHandle {
  private readonly call: RequestContext;
  private readonly services: Services;
  private readonly account: string;
  private readonly region: string;

  constructor(
    private readonly running: Region,
    endpoint: string,
  ) {
    const { services, account, region } = running;
    this.services = services;
    this.account = account;
    this.region = region;
    this.call = { account, region, endpoint, principal: `arn:aws:iam::${account}:root` };
  }

  /** Sends a message. Gives its id. */
  public send(queueName: string, message: DirectMessage): string {
    const sent = this.services.sqs.sendMessage(
      {
        QueueUrl: queueName,
        MessageBody: message.body,
        MessageAttributes: message.attributes,
        MessageGroupId: message.groupId,
        MessageDeduplicationId: message.deduplicationId,
        DelaySeconds: message.delaySeconds,
      },
      this.call,
    );
    return sent.MessageId as string; // SQS always gives one
  }

  /** How many messages of each state a queue has; undefined where there is no such queue. */
  public counts(queueName: string): Pick<DirectQueue, 'visible' | 'inFlight' | 'delayed'> | undefined {
    return this.services.sqs.counts(queueName);
  }

  /** A queue; undefined where there is none of that name. */
  public queue(queueName: string): DirectQueue | undefined {
    const { sqs } = this.services;
    const counts = sqs.counts(queueName);
    const outlook = sqs.waitingState(queueName);
    return counts === undefined || outlook === undefined ? undefined : { ...counts, ...outlook };
  }

  /** The names of all queues, sorted. */
  public queueNames(): string[] {
    return this.services.sqs.queueNames();
  }

  /** The event source mappings that read a queue. */
  public mappingsOf(queueName: string): DirectMapping[] {
    const EventSourceArn = formatArn('sqs', this.region, this.account, queueName);
    const { EventSourceMappings = [] } = this.services.lambda.listEventSourceMappings({ EventSourceArn }, this.call);
    return EventSourceMappings.map(({ FunctionArn = '', State = '' }) => ({
      functionName: FunctionArn.split(':')[6],
      state: State,
    }));
  }

  /** An Auto Scaling group; undefined where there is none of that name. */
  public group(groupName: string): GroupStatus | undefined {
    return this.services.autoscaling.groups().find(({ name }) => name === groupName);
  }

  /** An alarm's state and its reason; undefined where there is none of that name. */
  public alarm(alarmName: string): ReturnType<Services['cloudwatch']['alarms']>[number] | undefined {
    return this.services.cloudwatch.alarms().find(({ name }) => name === alarmName);
  }

  /** A function, by how many invocations of it run now; undefined where there is none of that name. */
  public function(functionName: string): { readonly running: number } | undefined {
    return this.services.lambda.functions().find(({ name }) => name === functionName);
  }

  /**
   * Makes standard queues as unpleasant as AWS reserves the right to be, for a while. Gives a function that ends it.
   * @throws RangeError where a probability is none
   */
  public addAnomalies(anomaly: DeliveryAnomaly): () => void {
    return this.services.sqs.anomalies.add(anomaly);
  }

  /** Disables a key, or enables it again. */
  public enableKey(keyId: string, enabled: boolean): void {
    if (enabled) this.services.kms.enableKey({ KeyId: keyId }, this.call);
    else this.services.kms.disableKey({ KeyId: keyId }, this.call);
  }

  /** Whether there is a key with that id. */
  public hasKey(keyId: string): boolean {
    try {
      this.services.kms.describeKey({ KeyId: keyId }, this.call);
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  }

  /**
   * Replaces the function's further invocations with a model, as `Emulator.modelFunction` does.
   * @throws RangeError, TypeError if there is no such function here, or the model is invalid
   */
  public modelFunction(functionName: string, model: FunctionModel): void {
    this.check('function', functionName, this.function(functionName));
    this.running.modelFunction(functionName, model);
  }

  /**
   * Ends the execution environments in which a function runs now, as `Emulator.crashFunction` does. Returns how many.
   * @throws RangeError if there is no such function here
   */
  public async crashFunction(functionName: string): Promise<number> {
    this.check('function', functionName, this.function(functionName));
    return this.running.crashFunction(functionName);
  }

  /**
   * Has the instances that a group launches from now on run a modelled worker, as `Emulator.modelGroup` does.
   * @throws RangeError, TypeError if there is no such group or queue here, or the model is invalid
   */
  public modelGroup(groupName: string, model: WorkerModel): void {
    this.check('Auto Scaling group', groupName, this.group(groupName));
    this.running.modelGroup(groupName, model);
  }

  /** Invokes a function with JSON text, and waits for what it answers: time has to pass for that. */
  public async invoke(functionName: string, payload: string): Promise<DirectInvocation> {
    const input = { FunctionName: functionName, Payload: Buffer.from(payload) };
    const { Payload, FunctionError } = await this.services.lambda.invoke(input, this.call);
    return { payload: Buffer.from(Payload ?? []).toString(), failed: FunctionError !== undefined };
  }

  private check(kind: string, name: string, found: object | undefined): void {
    if (found === undefined) {
      throw new RangeError(`there is no ${kind} ${name} in account ${this.account} and region ${this.region}`);
    }
  }
}
