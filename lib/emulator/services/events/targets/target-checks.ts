import type { Target } from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../../core';
import { constraint, notEmulated, validation } from '../errors';
import { LIMITS } from '../limits';
import { PREDEFINED } from './input';
import { parseTemplate, variablesOf } from './input-template';
import { checkLength, checkName, checkRange } from '../validation';

type CheckedTarget = Target & { Id: string; Arn: string };

/** Checks the targets of a request as a whole: an invalid one fails all. */
export function checkTargets(targets: readonly Target[]): asserts targets is readonly CheckedTarget[] {
  if (targets.length < 1) throw constraint('targets', '[]', 'have length greater than or equal to 1');
  if (targets.length > 100) throw constraint('targets', '[…]', 'have length less than or equal to 100');
  for (const [index, target] of targets.entries()) checkMembers(`targets.${index + 1}.member`, target);
  for (const target of targets) checkInput(target);
}

function checkMembers(where: string, target: Target): void {
  const { Id = '', Arn = '', RoleArn, Input, InputPath, InputTransformer, RetryPolicy, DeadLetterConfig } = target;
  checkName(`${where}.id`, Id);
  checkLength(`${where}.arn`, Arn, 1, 1_600);
  checkLength(`${where}.roleArn`, RoleArn, 1, 1_600);
  checkLength(`${where}.input`, Input, 0, 8_192);
  checkLength(`${where}.inputPath`, InputPath, 0, 256);
  checkLength(`${where}.inputTransformer.inputTemplate`, InputTransformer?.InputTemplate, 1, 8_192);
  checkLength(`${where}.sqsParameters.messageGroupId`, target.SqsParameters?.MessageGroupId, 1, 100);
  const retry = `${where}.retryPolicy`;
  checkRange(`${retry}.maximumRetryAttempts`, RetryPolicy?.MaximumRetryAttempts, 0, LIMITS.retryAttempts);
  const { MaximumEventAgeInSeconds: age } = RetryPolicy ?? {};
  checkRange(`${retry}.maximumEventAgeInSeconds`, age, LIMITS.leastEventAge, LIMITS.mostEventAge);
  checkLength(`${where}.deadLetterConfig.arn`, DeadLetterConfig?.Arn, 1, 1_600);
}

function checkInput(target: Target): void {
  const { Id, Arn = '', RoleArn, Input, InputPath, InputTransformer, DeadLetterConfig, SqsParameters } = target;
  const arn = parseArn(Arn);
  if (arn === undefined)
    throw validation(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  if (arn.resource.startsWith('api-destination/')) throw notEmulated('API destinations');
  if (arn.service === 'kinesis' && RoleArn === undefined) throw validation(`RoleArn is required for target ${Arn}.`);
  if (Arn.endsWith('.fifo') && arn.service === 'sqs' && SqsParameters?.MessageGroupId === undefined) {
    throw validation(`Parameter(s) SqsParameters must be specified for target: ${Id}.`);
  }
  if (Number(Input !== undefined) + Number(InputPath !== undefined) + Number(InputTransformer !== undefined) > 1) {
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw validation(`JSON syntax error in input for target ${Id}.`);
  const deadLetters = DeadLetterConfig?.Arn === undefined ? undefined : parseArn(DeadLetterConfig.Arn);
  if (
    DeadLetterConfig?.Arn !== undefined &&
    (deadLetters?.service !== 'sqs' || deadLetters.resource.endsWith('.fifo'))
  ) {
    throw validation(
      `Parameter ${DeadLetterConfig.Arn} is not valid. Reason: A dead-letter queue must be a standard queue.`,
    );
  }
  if (InputTransformer !== undefined) checkTransformer(Id, InputTransformer);
}

function checkTransformer(id: string | undefined, transformer: NonNullable<Target['InputTransformer']>): void {
  const { InputPathsMap = {}, InputTemplate = '' } = transformer;
  const names = Object.keys(InputPathsMap);
  if (names.length > 100) throw validation(`InputPathsMap for target ${id} has more than 100 entries.`);
  const reserved = names.find((name) => /^aws/i.test(name));
  if (reserved !== undefined) throw validation(`InputPathsMap for target ${id} contains reserved name ${reserved}.`);
  for (const variable of variablesOf(parseTemplate(InputTemplate))) {
    if (names.includes(variable) || PREDEFINED.has(variable)) continue;
    throw validation(`InputTemplate for target ${id} contains invalid placeholder ${variable}.`);
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
