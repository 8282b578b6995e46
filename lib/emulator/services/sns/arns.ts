import { type Arn, parseArn } from '../../core';
import { invalidParameter } from './errors';

const FEWEST_PARTS = 6;

/** Parses an ARN of a request. Throws SNS's error if it is missing or malformed. */
export function requiredArn(member: string, text: string | undefined): Arn {
  if (text === undefined || text === '') throw invalidParameter(`${member} Reason: no value for required parameter`);
  const parts = text.split(':').length;
  if (parts < FEWEST_PARTS) {
    throw invalidParameter(`${member} Reason: An ARN must have at least ${FEWEST_PARTS} elements, not ${parts}`);
  }
  const arn = parseArn(text);
  if (arn === undefined || arn.service !== 'sns') throw invalidParameter(member);
  return arn;
}

/** The ARN of the topic of a subscription, and the subscription's id. */
export function splitSubscriptionArn(arn: Arn): { readonly topicName: string; readonly id: string } {
  const [topicName, id, ...more] = arn.resource.split(':');
  if (id === undefined || more.length > 0) throw invalidParameter('SubscriptionId');
  return { topicName, id };
}
