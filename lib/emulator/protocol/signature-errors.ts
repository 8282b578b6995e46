import { AwsError } from '../core';

// What AWS answers before a service is asked: the same of all services, each with the code of its protocol.

const LONGEST_QUOTED = 200;

/** A signature from another time. */
export const expiredRequest = (signedAt: number, now: number) =>
  new AwsError(
    'RequestExpired',
    `Request has expired: it was signed at ${new Date(signedAt).toISOString()}, and it is ${new Date(now).toISOString()}.`,
  );

/** An Authorization header without a credential that says for which region and service it is. */
export const incompleteSignature = (authorization: string) => {
  const credential = /Credential=([^,]*)/.exec(authorization)?.[1].trim();
  const message =
    credential === undefined
      ? `Authorization header requires 'Credential' parameter. Authorization=${authorization.slice(0, LONGEST_QUOTED)}`
      : `Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential.slice(0, LONGEST_QUOTED)}'`;
  return new AwsError('IncompleteSignatureException', message, { queryCode: 'IncompleteSignature' });
};
