import { limitExceeded, malformedPolicy } from './errors';

const LARGEST = 32_768;

/** The default key policy: IAM policies of the account decide. */
export function defaultPolicy(account: string): string {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    },
    undefined,
    2,
  );
}

/** @throws AwsError MalformedPolicyDocumentException or LimitExceededException */
export function checkPolicy(policy: string): void {
  const size = Buffer.byteLength(policy);
  if (size > LARGEST) throw limitExceeded(`Policy of ${size} bytes: at most ${LARGEST} bytes are allowed.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw malformedPolicy('Policy contains invalid JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || !('Statement' in parsed)) {
    throw malformedPolicy('Policy must be a JSON object with a Statement');
  }
}
