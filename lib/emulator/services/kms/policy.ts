import { MalformedPolicy, readPolicy, type ResourcePolicy } from '../../core/policy';
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

/**
 * Compiles a key policy.
 * @throws AwsError MalformedPolicyDocumentException or LimitExceededException
 */
export function compilePolicy(policy: string): ResourcePolicy {
  const size = Buffer.byteLength(policy);
  if (size > LARGEST) throw limitExceeded(`Policy of ${size} bytes: at most ${LARGEST} bytes are allowed.`);
  try {
    return readPolicy(policy);
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw malformedPolicy(`The key policy is malformed: ${error.message}.`);
  }
}
