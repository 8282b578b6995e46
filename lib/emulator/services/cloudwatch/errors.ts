import type { DashboardValidationMessage } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../core';
import type { AlarmState } from './alarms/evaluation';

const STATES: readonly string[] = ['INSUFFICIENT_DATA', 'ALARM', 'OK'] satisfies AlarmState[];

/** AWS's error for an invalid alarm or query. */
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
 * AWS's error for a member that violates a constraint of the service's model.
 * @param value as AWS prints it; undefined for a list of structures, which AWS prints in its own format
 */
export function constraint(value: string | number | undefined, member: string, rule: string): AwsError {
  const printed = value === undefined ? '' : `'${value}' `;
  return validationError(
    `1 validation error detected: Value ${printed}at '${member}' failed to satisfy constraint: ${rule}`,
  );
}

/** Validates an alarm's name and description, and returns the name. */
export function checkAlarmName(name: string | undefined, description: string | undefined): string {
  if (name === undefined) throw missingParameter('AlarmName');
  checkLength(name, 'alarmName', 1, 255);
  if (description !== undefined) checkLength(description, 'alarmDescription', 0, 1_024);
  return name;
}

/** Validates the length of a text. */
export function checkLength(text: string, member: string, least: number, most: number): void {
  if (text.length < least) throw constraint(text, member, `Member must have length greater than or equal to ${least}`);
  if (text.length > most) throw constraint(text, member, `Member must have length less than or equal to ${most}`);
}

/** Validates the range of a whole number. */
export function checkRange(value: number, member: string, least: number, most = Infinity): void {
  if (!(value >= least)) throw constraint(value, member, `Member must have value greater than or equal to ${least}`);
  if (value > most) throw constraint(value, member, `Member must have value less than or equal to ${most}`);
}

/** Validates the name of a state. */
export function checkState(state: string): void {
  if (STATES.includes(state)) return;
  throw constraint(state, 'stateValue', `Member must satisfy enum value set: [${STATES.join(', ')}]`);
}

/** AWS's error for an invalid dashboard. */
export function dashboardInvalidInput(
  message: string,
  dashboardValidationMessages: readonly DashboardValidationMessage[] = [],
): AwsError {
  const details = { queryCode: 'InvalidParameterInput', members: { dashboardValidationMessages } };
  return new AwsError('DashboardInvalidInputError', message, details);
}
