import type { SessionRefusal } from '../../core/policy';
import { AwsError } from '../../core';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const resourceNotFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

export const busNotFound = (name: string): AwsError => resourceNotFound(`Event bus ${name} does not exist.`);

export const ruleNotFound = (rule: string, bus: string): AwsError =>
  resourceNotFound(`Rule ${rule} does not exist on EventBus ${bus}.`);

export const alreadyExists = (what: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `${what} already exists.`);

export const limitExceeded = (): AwsError =>
  new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');

export const invalidPattern = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

/** The error of AWS's common validator: `where` is the member's name in lowerCamelCase. */
export const constraint = (where: string, value: string | number, must: string): AwsError =>
  validation(
    `1 validation error detected: Value '${value}' at '${where}' failed to satisfy constraint: Member must ${must}`,
  );

/** Something that EventBridge has and the emulator does not. The message names it. */
export const notEmulated = (what: string): AwsError => validation(`${what} are not emulated.`);

export const accessDenied = (
  principal: string,
  action: string,
  resource: string,
  { reason, denial }: SessionRefusal,
): AwsError =>
  new AwsError(
    'AccessDeniedException',
    `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
    { denial },
  );
