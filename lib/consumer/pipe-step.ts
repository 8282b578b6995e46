import { type IApiDestination } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IStateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { type ResourceEnvironment } from 'aws-cdk-lib/core';
import { knownSeconds } from '../rules';
import { timeoutOf } from './function-facts';

/** Lambda and Step Functions get a whole batch in one request. */
export const WHOLE_BATCH = 10_000;
/** An execution of a pipe ends then. */
export const MAX_EXECUTION_SECONDS = 300;
/** EventBridge ends a request to an API destination then. */
const API_DESTINATION_SECONDS = 5;

/** A call that nothing is waited for after: a margin, as AWS states none. */
export const SHORT_CALL_SECONDS = 5;

/** What a pipe calls: for enrichment, or as its target. */
export interface PipeStep {
  /** What it is, for messages: `the function Stack/Handler`. */
  readonly label: string;
  /** What the pipe calls. */
  readonly arn: string;
  /** What the pipe's role may do, and on what. */
  readonly actions: readonly string[];
  /** The resource of the permission, if it is not `arn`. */
  readonly permissionArn?: string;
  /** The key that the resource is encrypted with, and what for. */
  readonly key?: { readonly key: IKey; readonly actions: readonly string[] };
  /** The most messages in one call. */
  readonly largestBatch: number;
  /** How long a call may take, in seconds. */
  readonly seconds: number;
  /** A state machine that is not Express, where the pipe waits for its end. */
  readonly waitsForStandard: boolean;
  /** Where it is, if that must be where the pipe is. */
  readonly mustBeNear?: ResourceEnvironment;
  /** A topic that keeps order. */
  readonly fifoTopic?: boolean;
}

/** What a request to an API destination has beside its body. */
export interface PipeHttpOptions {
  /**
   * Headers, by name. A value may be a path into the message, such as `$.body.tenant`.
   *
   * @default - those of the connection
   */
  readonly headers?: { [name: string]: string };

  /**
   * Parameters of the query string, by name. A value may be a path into the message.
   *
   * @default - those of the connection
   */
  readonly queryParameters?: { [name: string]: string };

  /**
   * What stands in place of each `*` of the endpoint's path. A value may be a path into the message.
   *
   * @default - none
   */
  readonly pathParameters?: string[];
}

/** A call of a function; asynchronous calls last as long as it takes to accept them. */
export function functionStep(handler: IFunction, waits: boolean): PipeStep {
  return {
    label: `the function ${handler.node.path}`,
    arn: handler.functionArn,
    actions: ['lambda:InvokeFunction'],
    largestBatch: WHOLE_BATCH,
    seconds: waits ? (knownSeconds(timeoutOf(handler)) ?? MAX_EXECUTION_SECONDS) : SHORT_CALL_SECONDS,
    waitsForStandard: false,
  };
}

/** An execution of a state machine. */
export function stateMachineStep(machine: IStateMachine, waits: boolean): PipeStep {
  const { stateMachineType } = machine as Partial<{ readonly stateMachineType: StateMachineType }>; // of this app
  return {
    label: `the state machine ${machine.node.path}`,
    arn: machine.stateMachineArn,
    actions: [waits ? 'states:StartSyncExecution' : 'states:StartExecution'],
    largestBatch: WHOLE_BATCH,
    seconds: waits ? MAX_EXECUTION_SECONDS : SHORT_CALL_SECONDS,
    waitsForStandard: waits && stateMachineType === StateMachineType.STANDARD,
  };
}

/** A request to a host outside AWS. */
export function apiDestinationStep(destination: IApiDestination): PipeStep {
  return {
    label: `the API destination ${destination.node.path}`,
    arn: destination.apiDestinationArn,
    actions: ['events:InvokeApiDestination'],
    permissionArn: destination.apiDestinationArnForPolicy,
    largestBatch: 1,
    seconds: API_DESTINATION_SECONDS,
    waitsForStandard: false,
  };
}

/** The same for both ends of a pipe. */
export function httpParameters(options: PipeHttpOptions | undefined) {
  if (options === undefined) return undefined;
  const { headers, queryParameters, pathParameters } = options;
  return {
    headerParameters: headers,
    queryStringParameters: queryParameters,
    pathParameterValues: pathParameters,
  };
}

/** Lets a role make the call. */
export function allowStep(grantee: IGrantable, { actions, arn, permissionArn = arn, key }: PipeStep): void {
  Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [permissionArn] });
  key?.key.grant(grantee, ...key.actions);
}
