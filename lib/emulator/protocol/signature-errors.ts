import { AwsError } from '../core';

// Errors that AWS returns before a service sees the request: the same for all services, each with its protocol's code.

const LONGEST_QUOTED = 200;

/** The request's signature is expired. */
export const expiredRequest = (signedAt: number, now: number) =>
  new AwsError(
    'RequestExpired',
    `Request has expired: it was signed at ${new Date(signedAt).toISOString()}, and it is ${new Date(now).toISOString()}.`,
  );

/** An Authorization header lacks a credential with a Region and service. */
export const incompleteSignature = (authorization: string) => {
  const credential = /Credential=([^,]*)/.exec(authorization)?.[1].trim();
  const message =
    credential === undefined
      ? `Authorization header requires 'Credential' parameter. Authorization=${authorization.slice(0, LONGEST_QUOTED)}`
      : `Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential.slice(0, LONGEST_QUOTED)}'`;
  return new AwsError('IncompleteSignatureException', message, { queryCode: 'IncompleteSignature' });
};
