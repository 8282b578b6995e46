import { type IApiDestination } from 'aws-cdk-lib/aws-events';
import { type IFunction } from 'aws-cdk-lib/aws-lambda';
import { type CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { type IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  apiDestinationStep,
  functionStep,
  httpParameters,
  type PipeHttpOptions,
  type PipeStep,
  stateMachineStep,
} from './pipe-step';

/**
 * What a pipe calls with messages before it sends them on: its answer takes their place. If the answer is empty, the
 * target is not called and the messages are deleted.
 */
export class PipeEnrichment {
  /** A function, which gets all messages of a batch as a JSON array and returns what is sent on. */
  public static lambdaFunction(handler: IFunction): PipeEnrichment {
    return new PipeEnrichment(functionStep(handler, true));
  }

  /** An Express workflow, whose output is sent on. */
  public static stateMachine(machine: IStateMachine): PipeEnrichment {
    return new PipeEnrichment(stateMachineStep(machine, true));
  }

  /** A host outside AWS, whose answer is sent on. Messages are taken from the queue one by one. */
  public static apiDestination(destination: IApiDestination, options?: PipeHttpOptions): PipeEnrichment {
    return new PipeEnrichment(apiDestinationStep(destination), { httpParameters: httpParameters(options) });
  }

  private constructor(
    /** @internal */
    public readonly _step: PipeStep,
    /** @internal */
    public readonly _parameters: CfnPipe.PipeEnrichmentParametersProperty = {},
  ) {}
}
