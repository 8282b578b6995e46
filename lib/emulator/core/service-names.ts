/** The signing names of services whose SDK clients are called differently, by the client's name without separators. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  applicationautoscaling: 'application-autoscaling',
  apigatewaymanagementapi: 'execute-api',
  bedrockruntime: 'bedrock',
  cloudwatch: 'monitoring',
  cloudwatchevents: 'events',
  cloudwatchlogs: 'logs',
  cognitoidentityprovider: 'cognito-idp',
  dynamodbstreams: 'dynamodb',
  eventbridge: 'events',
  opensearch: 'es',
  sesv2: 'ses',
  sfn: 'states',
  stepfunctions: 'states',
};

/**
 * A service's signing name, by which requests are told apart: `monitoring` for CloudWatch.
 * @param name the signing name, or what the SDK calls the service: `SFN`, `secrets-manager`, `CLOUDWATCH_LOGS`
 */
export function signingNameOf(name: string): string {
  const lower = name.toLowerCase();
  const letters = lower.replaceAll(/[^a-z0-9]/g, '');
  if (SIGNING_NAMES[letters] !== undefined) return SIGNING_NAMES[letters];
  return lower.includes('_') || lower === 'secrets-manager' ? letters : lower;
}
