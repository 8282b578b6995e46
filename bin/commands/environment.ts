/** The variables that point an AWS SDK or command line at the emulator, ready for a shell to evaluate. */
export function environmentLines(endpoint: string, account: string, region: string): string[] {
  return [
    `export AWS_ENDPOINT_URL=${endpoint}`,
    `export AWS_REGION=${region}`,
    `export AWS_DEFAULT_REGION=${region}`,
    `export AWS_ACCESS_KEY_ID=${account}`, // a 12-digit access key id is the account
    'export AWS_SECRET_ACCESS_KEY=local',
  ];
}

/** A note for the one tool that ignores the variables. */
export function commandLineNote(endpoint: string): string {
  return `AWS CLI v1 ignores AWS_ENDPOINT_URL for SQS. Use: aws --endpoint-url ${endpoint} sqs list-queues`;
}
