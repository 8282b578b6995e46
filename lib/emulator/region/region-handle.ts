import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { AwsError, formatArn, type Port, type RequestContext } from '../core';
import type { WorkerModel } from '../services/autoscaling';
import type { FunctionModel } from '../services/lambda';
import type { ServiceName, Services } from '../services';
import type { Region } from './region';
import type { DeliveryAnomaly, PeekedMessage } from '../services/sqs';
import type { GroupStatus } from '../services/autoscaling/status';

/** A message to send without a client. */
export interface DirectMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** In whole seconds, 0–900. */
  readonly delaySeconds?: number;
}

/** A queue's message counts and waiting receives. */
export interface DirectQueue {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** How many long polls are waiting for a message. */
  readonly waitingReceives: number;
  /** When the next message, in flight or delayed, becomes visible, in emulated milliseconds since the epoch. */
  readonly nextVisibleAt: number | undefined;
}

/** An event source mapping that reads a queue. */
export interface DirectMapping {
  readonly functionName: string;
  /** `Enabled`, `Disabled`, `Creating` … */
  readonly state: string;
}

/** The result of an invocation. */
export interface DirectInvocation {
  /** The function's result, or the error as Lambda serializes it: JSON text. */
  readonly payload: string;
  /** Whether the payload is an error. */
  readonly failed: boolean;
}

/**
 * One account in one Region, with resources by name: what tests do and read directly, without a client. Throws AWS's
 * error if AWS would refuse the operation.
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

  /**
   * A service itself, past the door.
   * @internal
   */
  public service(name: string): unknown {
    return this.services[name as ServiceName];
  }

  /** @internal */
  public use<T>(port: Port<T>): T {
    return this.running.regionServices.use(port);
  }

  /** @internal */
  public get caller(): RequestContext {
    return this.call;
  }

  /** Sends a message. Returns its id. */
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
    return sent.MessageId as string; // SQS always returns one
  }

  /**
   * Some of a queue's messages, at most `max`, oldest first; undefined if there is no such queue. Hides nothing, and no
   * receive counts.
   */
  public peek(queueName: string, max = 10): PeekedMessage[] | undefined {
    return this.services.sqs.peek(queueName, max, this.call);
  }

  /** A queue's message counts; undefined if there is no such queue. */
  public counts(queueName: string): Pick<DirectQueue, 'visible' | 'inFlight' | 'delayed'> | undefined {
    return this.services.sqs.counts(queueName);
  }

  /** A queue; undefined if there is no such queue. */
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

  /** An Auto Scaling group; undefined if there is no such group. */
  public group(groupName: string): GroupStatus | undefined {
    return this.services.autoscaling.groups().find(({ name }) => name === groupName);
  }

  /** An alarm's state and its reason; undefined if there is no such alarm. */
  public alarm(alarmName: string): ReturnType<Services['cloudwatch']['alarms']>[number] | undefined {
    return this.services.cloudwatch.alarms().find(({ name }) => name === alarmName);
  }

  /** A function and the number of its running invocations; undefined if there is no such function. */
  public function(functionName: string): { readonly running: number } | undefined {
    return this.services.lambda.functions().find(({ name }) => name === functionName);
  }

  /**
   * Makes standard queues duplicate, reorder or withhold messages, as AWS may. Returns a function that ends it.
   * @throws RangeError if a probability is not at least 0 and less than 1
   */
  public addAnomalies(anomaly: DeliveryAnomaly): () => void {
    return this.services.sqs.anomalies.add(anomaly);
  }

  /** Enables or disables a key. */
  public enableKey(keyId: string, enabled: boolean): void {
    if (enabled) this.services.kms.enableKey({ KeyId: keyId }, this.call);
    else this.services.kms.disableKey({ KeyId: keyId }, this.call);
  }

  /** Whether a key with this id exists. */
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
   * Replaces future invocations of a function with a model, as `Emulator.modelFunction` does.
   * @throws RangeError if there is no such function here
   * @throws RangeError, TypeError if the model is invalid
   */
  public modelFunction(functionName: string, model: FunctionModel): void {
    this.check('function', functionName, this.function(functionName));
    this.running.modelFunction(functionName, model);
  }

  /**
   * Ends the execution environments that are running a function, as `Emulator.crashFunction` does. Returns how many.
   * @throws RangeError if there is no such function here
   */
  public async crashFunction(functionName: string): Promise<number> {
    this.check('function', functionName, this.function(functionName));
    return this.running.crashFunction(functionName);
  }

  /**
   * Makes the instances that a group launches from now on run a modelled worker, as `Emulator.modelGroup` does.
   * @throws RangeError if there is no such group or queue here
   * @throws RangeError, TypeError if the model is invalid
   */
  public modelGroup(groupName: string, model: WorkerModel): void {
    this.check('Auto Scaling group', groupName, this.group(groupName));
    this.running.modelGroup(groupName, model);
  }

  /** Invokes a function with JSON text and waits for its result. Time must pass for it to complete. */
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
