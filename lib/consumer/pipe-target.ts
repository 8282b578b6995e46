import { type IApiDestination, type IEventBus } from 'aws-cdk-lib/aws-events';
import { type IStream } from 'aws-cdk-lib/aws-kinesis';
import { type IFunction } from 'aws-cdk-lib/aws-lambda';
import { type CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { type ITopic } from 'aws-cdk-lib/aws-sns';
import { type IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { ENCRYPT_ACTIONS } from '../queue/delivering-service';
import {
  apiDestinationStep,
  functionStep,
  httpParameters,
  type PipeHttpOptions,
  type PipeStep,
  SHORT_CALL_SECONDS,
  stateMachineStep,
} from './pipe-step';

const MAX_ENTRIES = 10;
const MAX_RECORDS = 500;

/** How a pipe calls a function or a state machine. */
export interface PipeInvocationOptions {
  /**
   * Whether the pipe waits until the work is done, and deletes messages only if it succeeds.
   *
   * @default true for functions, false for state machines
   */
  readonly waitForCompletion?: boolean;
}

/** What events of a pipe say of themselves. */
export interface PipeEventOptions {
  /** The type of the events: rules match it. May be a path into the message, such as `$.body.kind`. */
  readonly detailType: string;

  /** Where the events are from, such as `com.example.orders`. May be a path into the message. */
  readonly source: string;
}

/** How a pipe puts records. */
export interface PipeRecordOptions {
  /**
   * What decides on a record's shard, and so on its order: a text, or a path into the message such as `$.body.customer`.
   *
   * @default '$.messageId'
   */
  readonly partitionKey?: string;
}

/** What a pipe sends the messages of a queue to. */
export class PipeTarget {
  /**
   * A function, which gets all messages of a batch as a JSON array: no `Records` around them, unlike with a
   * `LambdaConsumer`. It can report messages that failed (`batchItemFailures`).
   */
  public static lambdaFunction(handler: IFunction, options: PipeInvocationOptions = {}): PipeTarget {
    const { waitForCompletion = true } = options;
    return new PipeTarget(functionStep(handler, waitForCompletion), {
      lambdaFunctionParameters: { invocationType: invocationType(waitForCompletion) },
    });
  }

  /**
   * A state machine, whose input is all messages of a batch as a JSON array. Pipes can wait for Express workflows only.
   */
  public static stateMachine(machine: IStateMachine, options: PipeInvocationOptions = {}): PipeTarget {
    const { waitForCompletion = false } = options;
    return new PipeTarget(stateMachineStep(machine, waitForCompletion), {
      stepFunctionStateMachineParameters: { invocationType: invocationType(waitForCompletion) },
    });
  }

  /** An event bus of the pipe's account and Region: each message is the `detail` of an event. */
  public static eventBus(bus: IEventBus, options: PipeEventOptions): PipeTarget {
    const { detailType, source } = options;
    const step: PipeStep = {
      label: `the event bus ${bus.node.path}`,
      arn: bus.eventBusArn,
      actions: ['events:PutEvents'],
      largestBatch: MAX_ENTRIES,
      seconds: SHORT_CALL_SECONDS,
      waitsForStandard: false,
      mustBeNear: bus.env,
    };
    return new PipeTarget(step, { eventBridgeEventBusParameters: { detailType, source } });
  }

  /** A standard topic. */
  public static topic(topic: ITopic): PipeTarget {
    return new PipeTarget({
      label: `the topic ${topic.node.path}`,
      arn: topic.topicArn,
      actions: ['sns:Publish'],
      key: topic.masterKey && { key: topic.masterKey, actions: ENCRYPT_ACTIONS },
      largestBatch: MAX_ENTRIES,
      seconds: SHORT_CALL_SECONDS,
      waitsForStandard: false,
      fifoTopic: topic.fifo,
    });
  }

  /** A data stream. */
  public static stream(stream: IStream, options: PipeRecordOptions = {}): PipeTarget {
    const step: PipeStep = {
      label: `the stream ${stream.node.path}`,
      arn: stream.streamArn,
      actions: ['kinesis:PutRecord', 'kinesis:PutRecords'],
      key: stream.encryptionKey && { key: stream.encryptionKey, actions: ['kms:GenerateDataKey'] },
      largestBatch: MAX_RECORDS,
      seconds: SHORT_CALL_SECONDS,
      waitsForStandard: false,
    };
    return new PipeTarget(step, {
      kinesisStreamParameters: { partitionKey: options.partitionKey ?? '$.messageId' },
    });
  }

  /** A host outside AWS, to which each message is a request. Messages are taken from the queue one by one. */
  public static apiDestination(destination: IApiDestination, options?: PipeHttpOptions): PipeTarget {
    return new PipeTarget(apiDestinationStep(destination), { httpParameters: httpParameters(options) });
  }

  private constructor(
    /** @internal */
    public readonly _step: PipeStep,
    /** @internal */
    public readonly _parameters: CfnPipe.PipeTargetParametersProperty = {},
  ) {}
}

function invocationType(waits: boolean): string {
  return waits ? 'REQUEST_RESPONSE' : 'FIRE_AND_FORGET';
}
