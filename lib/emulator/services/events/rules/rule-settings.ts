import type { PutRuleRequest } from '@aws-sdk/client-eventbridge';
import { invalidPattern, validation } from '../errors';
import { LIMITS } from '../limits';
import { EventPattern } from '../patterns/event-pattern';
import { InvalidPattern } from '../patterns/json-tokens';
import { checkLength, checkName, checkOneOf } from '../validation';
import { DEFAULT_BUS, type RuleSettings } from './rule';
import { parseRuleSchedule } from './rule-schedule';

const STATES = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] as const;

/**
 * Compiles an event pattern.
 * @throws AwsError InvalidEventPatternException, or ValidationException if it is too long
 */
export function compilePattern(text: string): EventPattern {
  checkLength('eventPattern', text, 0, LIMITS.patternLength);
  try {
    return EventPattern.parse(text);
  } catch (error) {
    if (error instanceof InvalidPattern) throw invalidPattern(error.message);
    throw error;
  }
}

/** Checks what PutRule is to set on a bus. */
export function readRuleSettings(input: PutRuleRequest, busName: string): RuleSettings {
  const { Name = '', EventPattern: patternText, ScheduleExpression: expression, State, Description, RoleArn } = input;
  checkName('name', Name);
  checkOneOf('state', State, STATES);
  checkLength('description', Description, 0, 512);
  checkLength('scheduleExpression', expression, 0, 256);
  checkLength('roleArn', RoleArn, 1, 1_600);
  const hasPattern = patternText !== undefined && patternText !== '';
  const hasSchedule = expression !== undefined && expression !== '';
  if (!hasPattern && !hasSchedule) {
    throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (hasSchedule && busName !== DEFAULT_BUS) {
    throw validation('ScheduleExpression is supported only on the default event bus.');
  }
  const schedule = hasSchedule ? parseRuleSchedule(expression) : undefined;
  if (hasSchedule && schedule === undefined) throw validation('Parameter ScheduleExpression is not valid.');
  return {
    ...(hasPattern && { patternText, pattern: compilePattern(patternText) }),
    ...(hasSchedule && { scheduleExpression: expression, schedule }),
    state: State ?? 'ENABLED',
    description: Description,
    roleArn: RoleArn,
  };
}
