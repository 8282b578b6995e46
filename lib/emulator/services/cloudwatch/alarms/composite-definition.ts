import type { PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../../../clock';
import { checkActions } from './action-targets';
import { type AlarmRule, alarmNameOf, parseAlarmRule } from './alarm-rule';
import { checkAlarmName, missingParameter, validationError } from '../errors';

/** A composite alarm's validated configuration. */
export interface CompositeDefinition {
  readonly name: string;
  readonly input: PutCompositeAlarmInput;
  readonly rule: AlarmRule;
  readonly suppressor?: Suppressor;
}

/** The alarm that suppresses a composite alarm's actions, and its wait and extension periods in milliseconds. */
export interface Suppressor {
  readonly alarmName: string;
  /** How long the composite alarm waits for the suppressor to go into ALARM. */
  readonly wait: number;
  /** How long actions remain suppressed after the suppressor leaves ALARM. */
  readonly extension: number;
}

/** Validates the input of PutCompositeAlarm. */
export function defineCompositeAlarm(input: PutCompositeAlarmInput): CompositeDefinition {
  const { AlarmName, AlarmRule: rule, AlarmDescription } = input;
  const name = checkAlarmName(AlarmName, AlarmDescription);
  if (rule === undefined) throw missingParameter('AlarmRule');
  if (input.ActionConfiguration !== undefined) throw validationError('ActionConfiguration is not supported.');
  checkActions(input, 'CompositeAlarm');
  return { name, input, rule: parseAlarmRule(rule), suppressor: suppressorOf(input) };
}

function suppressorOf(input: PutCompositeAlarmInput): Suppressor | undefined {
  const { ActionsSuppressor: suppressor } = input;
  const [wait, extension] = (['ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod'] as const).map(
    (member) => {
      const seconds = input[member];
      if ((seconds === undefined) !== (suppressor === undefined))
        throw validationError(`ActionsSuppressor and ${member} must be specified together.`);
      if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 0))
        throw validationError(`${member} must be 0 or more whole seconds, got ${seconds}.`);
      return (seconds ?? 0) * SECOND;
    },
  );
  return suppressor === undefined ? undefined : { alarmName: alarmNameOf(suppressor), wait, extension };
}
