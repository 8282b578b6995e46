import { AwsError } from '../../core';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const scheduleNotFound = (name: string): AwsError => notFound(`Schedule ${name} does not exist.`);

export const groupNotFound = (name: string): AwsError => notFound(`Schedule group ${name} does not exist.`);

export const conflict = (message: string): AwsError => new AwsError('ConflictException', message, { status: 409 });

export const quotaExceeded = (message: string): AwsError =>
  new AwsError('ServiceQuotaExceededException', message, { status: 402 });

export const roleNotAssumable = (): AwsError =>
  validation('The execution role you provide must allow AWS EventBridge Scheduler to assume the role.');

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, { status: 404 });
}
