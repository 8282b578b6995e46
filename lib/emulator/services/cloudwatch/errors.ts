import type { DashboardValidationMessage } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../core';
import type { AlarmState } from './alarms/evaluation';

const STATES: readonly string[] = ['INSUFFICIENT_DATA', 'ALARM', 'OK'] satisfies AlarmState[];

/** What AWS answers to an alarm or a query that makes no sense. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, { queryCode: 'InvalidParameterValue' });
}

export function invalidParameterCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombinationException', message, { queryCode: 'InvalidParameterCombination' });
}

export function missingParameter(name: string): AwsError {
  return new AwsError('MissingRequiredParameterException', `The parameter ${name} is required.`, {
    queryCode: 'MissingParameter',
  });
}

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The next token specified is invalid.');
}

/**
 * What AWS answers where a member breaks a constraint of the service's model.
 * @param value as AWS prints it; undefined if it is a list of structures, which AWS prints in a form of its own
 */
export function constraint(value: string | number | undefined, member: string, rule: string): AwsError {
  const printed = value === undefined ? '' : `'${value}' `;
  return validationError(
    `1 validation error detected: Value ${printed}at '${member}' failed to satisfy constraint: ${rule}`,
  );
}

/** Checks what every alarm is called and said to be for, and gives its name. */
export function checkAlarmName(name: string | undefined, description: string | undefined): string {
  if (name === undefined) throw missingParameter('AlarmName');
  checkLength(name, 'alarmName', 1, 255);
  if (description !== undefined) checkLength(description, 'alarmDescription', 0, 1_024);
  return name;
}

/** Checks how long a text is, in the words of a constraint. */
export function checkLength(text: string, member: string, least: number, most: number): void {
  if (text.length < least) throw constraint(text, member, `Member must have length greater than or equal to ${least}`);
  if (text.length > most) throw constraint(text, member, `Member must have length less than or equal to ${most}`);
}

/** Checks how large a whole number is, in the words of a constraint. */
export function checkRange(value: number, member: string, least: number, most = Infinity): void {
  if (!(value >= least)) throw constraint(value, member, `Member must have value greater than or equal to ${least}`);
  if (value > most) throw constraint(value, member, `Member must have value less than or equal to ${most}`);
}

/** Checks that it is the name of a state. */
export function checkState(state: string): void {
  if (STATES.includes(state)) return;
  throw constraint(state, 'stateValue', `Member must satisfy enum value set: [${STATES.join(', ')}]`);
}

/** What AWS answers to a dashboard that cannot be shown. */
export function dashboardInvalidInput(
  message: string,
  dashboardValidationMessages: readonly DashboardValidationMessage[] = [],
): AwsError {
  const details = { queryCode: 'InvalidParameterInput', members: { dashboardValidationMessages } };
  return new AwsError('DashboardInvalidInputError', message, details);
}
