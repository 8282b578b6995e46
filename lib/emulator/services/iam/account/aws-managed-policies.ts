import { type PolicyDocument, readIdentityPolicy } from './documents';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** The actions that AWS's own policies allow on all resources, by path and name. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ['*'],
  AmazonSNSFullAccess: ['sns:*'],
  AmazonSQSFullAccess: ['sqs:*'],
  AmazonSQSReadOnlyAccess: [
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:ListDeadLetterSourceQueues',
    'sqs:ListQueues',
    'sqs:ListMessageMoveTasks',
    'sqs:ListQueueTags',
  ],
  'service-role/AWSLambdaBasicExecutionRole': LOGS,
  'service-role/AWSLambdaDynamoDBExecutionRole': [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    ...LOGS,
  ],
  'service-role/AWSLambdaKinesisExecutionRole': [
    'kinesis:DescribeStream',
    'kinesis:DescribeStreamSummary',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
    'kinesis:ListStreams',
    'kinesis:SubscribeToShard',
    ...LOGS,
  ],
  'service-role/AWSLambdaSQSQueueExecutionRole': [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    ...LOGS,
  ],
};

const ARN = /^arn:aws[\w-]*:iam::aws:policy\/(.+)$/;

/** Whether an ARN is of a policy that AWS manages. All names are taken: there are more than a thousand. */
export function isAwsManaged(arn: string): boolean {
  return ARN.test(arn);
}

/** The name of a policy that AWS manages, and its path. */
export function nameOfAwsManaged(arn: string): { readonly name: string; readonly path: string } {
  const resource = ARN.exec(arn)?.[1] ?? '';
  const at = resource.lastIndexOf('/') + 1;
  return { name: resource.slice(at), path: `/${resource.slice(0, at)}` };
}

/** The document of a policy that AWS manages; undefined if it is not known here. */
export function awsManagedDocument(arn: string): PolicyDocument | undefined {
  const actions = ACTIONS[ARN.exec(arn)?.[1] ?? ''] as readonly string[] | undefined;
  if (actions === undefined) return undefined;
  const Statement = [{ Effect: 'Allow', Action: actions.length === 1 ? actions[0] : actions, Resource: '*' }];
  return readIdentityPolicy(JSON.stringify({ Version: '2012-10-17', Statement }));
}

/** The ARNs of the policies that AWS manages and whose documents are known here. */
export const AWS_MANAGED: readonly string[] = Object.keys(ACTIONS).map((name) => `arn:aws:iam::aws:policy/${name}`);
