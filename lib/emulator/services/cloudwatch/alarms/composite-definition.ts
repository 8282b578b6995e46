import type { PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../../../clock';
import { checkActions } from './action-targets';
import { type AlarmRule, alarmNameOf, parseAlarmRule } from './alarm-rule';
import { checkAlarmName, missingParameter, validationError } from '../errors';

/** A composite alarm's configuration, checked. */
export interface CompositeDefinition {
  readonly name: string;
  readonly input: PutCompositeAlarmInput;
  readonly rule: AlarmRule;
  readonly suppressor?: Suppressor;
}

/** The alarm that keeps a composite alarm's actions from running, and how long is waited for it; in milliseconds. */
export interface Suppressor {
  readonly alarmName: string;
  /** For how long it may come after the composite alarm has gone off. */
  readonly wait: number;
  /** For how long it counts after it is over. */
  readonly extension: number;
}

/** Checks what PutCompositeAlarm was given. */
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
