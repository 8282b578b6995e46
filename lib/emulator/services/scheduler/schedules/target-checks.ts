import type { Target } from '@aws-sdk/client-scheduler';
import { type ModelConstraints, parseArn } from '../../../core';
import { isReadAction, universalAction } from '../delivery/universal-action';
import { validation } from '../errors';
import { LIMITS } from '../limits';
import type { UniversalTargets } from '../ports';
import type { ScheduleTarget } from './schedule';

const ROLE = String.raw`arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@\/-]+`;
const STANDARD_QUEUE = String.raw`arn:aws(-[a-z]+)?:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+`;
const SOURCE = String.raw`(?=[\/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_\-]+(\[(\d+|\*)\])*)*)`;

/** The services whose templated targets are emulated. */
const TEMPLATED: readonly string[] = ['sqs', 'sns', 'lambda', 'events', 'kinesis'];

/** Checks a target against the API's model. */
export function checkTargetMembers(constraints: ModelConstraints, target: Target): void {
  const { RetryPolicy: retries, DeadLetterConfig: deadLetters, EventBridgeParameters: events } = target;
  constraints
    .length('target.arn', target.Arn, 1, 1_600)
    .length('target.roleArn', target.RoleArn, 1, 1_600)
    .pattern('target.roleArn', target.RoleArn, ROLE)
    .length('target.input', target.Input, 1)
    .length('target.deadLetterConfig.arn', deadLetters?.Arn, 1, 1_600)
    .pattern('target.deadLetterConfig.arn', deadLetters?.Arn, STANDARD_QUEUE)
    .range('target.retryPolicy.maximumRetryAttempts', retries?.MaximumRetryAttempts, 0, LIMITS.retryAttempts)
    .range('target.retryPolicy.maximumEventAgeInSeconds', retries?.MaximumEventAgeInSeconds, 60, LIMITS.eventAge)
    .length('target.sqsParameters.messageGroupId', target.SqsParameters?.MessageGroupId, 1, 128)
    .length('target.eventBridgeParameters.detailType', events?.DetailType, 1, 128)
    .length('target.eventBridgeParameters.source', events?.Source, 1, 256)
    .pattern('target.eventBridgeParameters.source', events?.Source, SOURCE)
    .length('target.kinesisParameters.partitionKey', target.KinesisParameters?.PartitionKey, 1, 256);
}

/**
 * Checks that a target can be invoked.
 * @throws AwsError ValidationException
 */
export function checkedTarget(target: Target | undefined, universalTargets: UniversalTargets): ScheduleTarget {
  const { Arn = '', RoleArn = '', Input } = target ?? {};
  const service = parseArn(Arn)?.service;
  if (service === undefined) throw validation('Provided Arn is not in correct format.');
  const universal = universalAction(Arn);
  if (universal !== undefined && isReadAction(universal.action)) {
    throw validation(`The action ${universal.action} only reads, and cannot be a target.`);
  }
  const lack = notEmulated(Arn, universalTargets);
  if (lack !== undefined) throw validation(lack);
  const needsJson = universal !== undefined || service === 'lambda' || service === 'events';
  if (needsJson && Input !== undefined && !isJson(Input)) throw validation('The input of the target must be JSON.');
  checkParameters(service, { ...target, Arn });
  return { ...target, Arn, RoleArn };
}

/** Says what a target is that the emulator does not have; undefined if it has it. */
export function notEmulated(arn: string, universalTargets: UniversalTargets): string | undefined {
  const universal = universalAction(arn);
  if (universal !== undefined) {
    const { service, action } = universal;
    return universalTargets.has(service, action)
      ? undefined
      : `The action ${service}:${action} is not emulated as a target of schedules.`;
  }
  const service = parseArn(arn)?.service;
  return service === undefined || TEMPLATED.includes(service)
    ? undefined
    : `Targets of the service ${service} are not emulated.`;
}

/** Checks the parameters that some kinds of targets need. */
function checkParameters(
  service: string,
  { Arn, EventBridgeParameters, KinesisParameters, SqsParameters }: Partial<Target> & { readonly Arn: string },
): void {
  if (service === 'events' && EventBridgeParameters === undefined) {
    throw validation('EventBridgeParameters must be given for an event bus.');
  }
  if (service === 'kinesis' && KinesisParameters === undefined) {
    throw validation('KinesisParameters must be given for a stream.');
  }
  if (service === 'sqs' && Arn.endsWith('.fifo') && SqsParameters?.MessageGroupId === undefined) {
    throw validation('SqsParameters with a MessageGroupId must be given for a FIFO queue.');
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
