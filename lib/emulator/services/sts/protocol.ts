import * as sdk from '@aws-sdk/client-sts';
import type { ProtocolBinding } from '../../protocol/protocol-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** The protocol of STS: Query. */
export const protocol: ProtocolBinding = {
  signingName: 'sts',
  targetPrefix: 'AWSSecurityTokenServiceV20110615',
  apiVersion: '2011-06-15',
  protocols: ['awsQuery'],
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  operations: [sdk.AssumeRole$, sdk.GetCallerIdentity$, sdk.GetSessionToken$],
  errors: [
    sdk.ExpiredTokenException$,
    sdk.MalformedPolicyDocumentException$,
    sdk.PackedPolicyTooLargeException$,
    sdk.RegionDisabledException$,
  ],
  missingMembers: (_action, paths) => constraintViolations('ValidationError', paths),
};
