const UNIVERSAL = /^arn:[^:]+:scheduler:::aws-sdk:([a-z0-9]+):([A-Za-z0-9]+)$/;

/** How the names of actions begin that only read: they cannot be universal targets. */
const READING =
  /^(?:get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized|invokeModel)(?![a-z])/;

/** The service and action of a universal target's ARN, `arn:aws:scheduler:::aws-sdk:sqs:sendMessage`; undefined for other ARNs. */
export function universalAction(arn: string): { readonly service: string; readonly action: string } | undefined {
  const match = UNIVERSAL.exec(arn);
  return match === null ? undefined : { service: match[1], action: match[2] };
}

/** The ARN of a universal target. */
export function universalArn(service: string, action: string): string {
  return `arn:aws:scheduler:::aws-sdk:${service}:${action}`;
}

/** Whether an action only reads. */
export function isReadAction(action: string): boolean {
  return READING.test(action);
}
