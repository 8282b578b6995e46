import type { AddPermissionInput } from '@aws-sdk/client-sns';
import { invalidParameter } from '../errors';

interface PolicyDocument {
  readonly Statement: readonly { readonly Sid?: string }[];
}

/** The actions that AddPermission can allow. */
const ACTIONS: ReadonlySet<string> = new Set(
  [
    'AddPermission',
    'DeleteTopic',
    'GetDataProtectionPolicy',
    'GetTopicAttributes',
    'ListSubscriptionsByTopic',
    'ListTagsForResource',
    'Publish',
    'PutDataProtectionPolicy',
    'RemovePermission',
    'SetTopicAttributes',
    'Subscribe',
  ].map((name) => name.toLowerCase()),
);

/** Returns a topic's policy with another statement. */
export function withPermission(policy: string, topicArn: string, input: AddPermissionInput): string {
  const { Label: Sid, AWSAccountId: accounts = [], ActionName: names = [] } = input;
  const document = JSON.parse(policy) as PolicyDocument;
  const statements = [document.Statement].flat();
  if (statements.some((statement) => statement.Sid === Sid)) throw invalidParameter('Statement already exists');
  if (names.some((name) => !ACTIONS.has(name.toLowerCase()) && name !== '*')) {
    throw invalidParameter('Policy statement action out of service scope!');
  }
  const arns = accounts.map((account) => (/^\d{12}$/.test(account) ? `arn:aws:iam::${account}:root` : account));
  const actions = names.map((name) => `SNS:${name}`);
  const statement = {
    Sid,
    Effect: 'Allow',
    Principal: { AWS: arns.length === 1 ? arns[0] : arns },
    Action: actions.length === 1 ? actions[0] : actions,
    Resource: topicArn,
  };
  return JSON.stringify({ ...document, Statement: [...statements, statement] });
}

/** Returns a topic's policy without a statement; as it is, if it has none of that label. */
export function withoutPermission(policy: string, label: string | undefined): string {
  const document = JSON.parse(policy) as PolicyDocument;
  const kept = [document.Statement].flat().filter(({ Sid }) => Sid !== label);
  return JSON.stringify({ ...document, Statement: kept });
}
