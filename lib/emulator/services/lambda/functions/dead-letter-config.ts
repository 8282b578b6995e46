import type { DeadLetterConfig } from '@aws-sdk/client-lambda';
import { ModelConstraints, parseArn } from '../../../core';
import { invalidParameter } from '../errors';

/**
 * The ARN of the queue or topic for events that failed; undefined if there is none. An empty ARN removes it.
 * @throws AwsError if AWS would refuse it
 */
export function readDeadLetterArn({ TargetArn: arn = '' }: DeadLetterConfig = {}): string | undefined {
  if (arn === '') return undefined;
  new ModelConstraints()
    .pattern('deadLetterConfig.targetArn', arn, '(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()')
    .check('ValidationException');
  const { service, resource = '' } = parseArn(arn) ?? {};
  const standard = (service === 'sqs' || service === 'sns') && !resource.endsWith('.fifo');
  if (!standard) throw invalidParameter(`The target ${arn} must be a standard queue or topic.`);
  return arn;
}
