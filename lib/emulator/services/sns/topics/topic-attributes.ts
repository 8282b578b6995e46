import { MalformedPolicy, readPolicy } from '../../../core/policy';
import { AWS_LIMITS, type SnsLimits } from '../limits';
import { invalidParameter } from '../errors';
import { defaultHttpPolicy, effectivePolicy, readDeliveryPolicy } from '../delivery/delivery-policy';
import type { Topic } from './topic';

const FEEDBACK =
  /^(?:Application|Firehose|HTTP|Lambda|SQS)(?:(?:Success|Failure)FeedbackRoleArn|SuccessFeedbackSampleRate)$/;
const SMALLEST_MESSAGE_SIZE = 1_024;
const LONGEST_DISPLAY_NAME = 100;
const ROLE = /^arn:[^:]+:iam::\d{12}:role\/.+$/;

/** Attributes of the topic itself, which only its creation may set. */
export const IMMUTABLE: readonly string[] = ['FifoTopic'];

/**
 * Checks one attribute of a topic, and returns it as it is kept.
 * @throws AwsError InvalidParameter
 */
export function checkTopicAttribute(
  name: string,
  value: string,
  fifo: boolean,
  limits: SnsLimits,
  prefix: string,
): string {
  const refuse = (reason: string) => invalidParameter(`${prefix}${reason}`);
  switch (name) {
    case 'Policy':
      checkPolicy(value);
      return value;
    case 'DisplayName':
      if (value.length > LONGEST_DISPLAY_NAME)
        throw refuse(`DisplayName: must be at most ${LONGEST_DISPLAY_NAME} characters`);
      return value;
    case 'DeliveryPolicy':
      if (value !== '') readDeliveryPolicy(value, prefix);
      return value;
    case 'KmsMasterKeyId':
      return value;
    case 'TracingConfig':
      return oneOf(value, ['PassThrough', 'Active'], () => refuse('TracingConfig'));
    case 'SignatureVersion':
      return oneOf(value, ['1', '2'], () => refuse(`SignatureVersion: Invalid value [${value}]. Must be 1 or 2.`));
    case 'MaximumMessageSize':
      return messageSize(value, limits, refuse);
    case 'ContentBasedDeduplication':
      if (!fifo) throw refuse('ContentBasedDeduplication');
      return flag(value, () => refuse('ContentBasedDeduplication'));
    case 'FifoThroughputScope':
      if (!fifo) throw refuse('FifoThroughputScope');
      return oneOf(value, ['Topic', 'MessageGroup'], () => refuse('FifoThroughputScope'));
    case 'ArchivePolicy':
      throw refuse('ArchivePolicy: the emulator does not archive or replay messages');
    default:
      return feedback(name, value, refuse);
  }
}

export function flag(value: string, refuse: () => Error): string {
  const lower = value.toLowerCase();
  return oneOf(lower, ['true', 'false'], refuse);
}

/** @throws AwsError InvalidParameter if a topic policy is malformed */
export function checkPolicy(policy: string): void {
  if (policy !== '') compilePolicy(policy);
}

export function compilePolicy(policy: string) {
  try {
    return readPolicy(policy);
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw invalidParameter(`Policy Error: ${error.message}`);
  }
}

function oneOf(value: string, allowed: readonly string[], refuse: () => Error): string {
  if (!allowed.includes(value)) throw refuse();
  return value;
}

function messageSize(
  value: string,
  { largestMessageSize: largest }: SnsLimits,
  refuse: (reason: string) => Error,
): string {
  const size = Number(value);
  if (/^\d+$/.test(value) && size >= SMALLEST_MESSAGE_SIZE && size <= largest) return value;
  throw refuse(
    `MaximumMessageSize: Invalid value [${value}]. Must be between ${SMALLEST_MESSAGE_SIZE} and ${largest}.`,
  );
}

function feedback(name: string, value: string, refuse: (reason: string) => Error): string {
  if (!FEEDBACK.test(name)) throw refuse('AttributeName');
  if (value === '') return value;
  if (name.endsWith('RoleArn')) {
    if (!ROLE.test(value)) throw refuse(`${name}: Invalid value [${value}]. Must be a role ARN.`);
    return value;
  }
  const rate = Number(value);
  if (!/^\d{1,3}$/.test(value) || rate > 100)
    throw refuse(`${name}: Invalid value [${value}]. Must be between 0 and 100.`);
  return value;
}

/** The attributes of a topic, as GetTopicAttributes returns them. */
export function describeTopic(topic: Topic): Record<string, string> {
  const { attributes, arn, account, fifo } = topic;
  const subscriptions = [...topic.subscriptions.values()];
  const pending = subscriptions.filter((each) => each.pending).length;
  const given = attributes.get('DeliveryPolicy');
  const policy = given === undefined || given === '' ? {} : readDeliveryPolicy(given, '');
  return {
    ...Object.fromEntries([...attributes].filter(([, value]) => value !== '')),
    TopicArn: arn,
    Owner: account,
    DisplayName: attributes.get('DisplayName') ?? '',
    Policy: policyOf(topic),
    EffectiveDeliveryPolicy: JSON.stringify({ http: effectivePolicy(policy, defaultHttpPolicy) }),
    SubscriptionsConfirmed: String(subscriptions.length - pending),
    SubscriptionsPending: String(pending),
    SubscriptionsDeleted: String(topic.deletedSubscriptions),
    ...(fifo && {
      FifoTopic: 'true',
      ContentBasedDeduplication: String(topic.contentBasedDeduplication),
      FifoThroughputScope: attributes.get('FifoThroughputScope') ?? 'Topic',
    }),
  };
}

/** A topic's policy: the one that was set, or that with which all topics begin. */
export function policyOf({ attributes, arn, account }: Topic): string {
  const given = attributes.get('Policy');
  return given === undefined || given === '' ? defaultPolicy(arn, account) : given;
}

const DEFAULT_ACTIONS: readonly string[] = [
  'SNS:GetTopicAttributes',
  'SNS:SetTopicAttributes',
  'SNS:AddPermission',
  'SNS:RemovePermission',
  'SNS:DeleteTopic',
  'SNS:Subscribe',
  'SNS:ListSubscriptionsByTopic',
  'SNS:Publish',
];

function defaultPolicy(arn: string, account: string): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: DEFAULT_ACTIONS,
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });
}

/** The largest message that a topic takes, in bytes. */
export function largestMessage({ attributes }: Topic, { messageSize: usual } = AWS_LIMITS): number {
  const set = attributes.get('MaximumMessageSize');
  return set === undefined ? usual : Number(set);
}
