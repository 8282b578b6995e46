import {
  AssumeRole$,
  ExpiredTokenException$,
  GetCallerIdentity$,
  GetSessionToken$,
  MalformedPolicyDocumentException$,
  PackedPolicyTooLargeException$,
  RegionDisabledException$,
} from '@aws-sdk/client-sts';
import type { ProtocolBinding } from '../../protocol/service-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** STS on the wire: Query. */
export function stsBinding(resolve: ProtocolBinding['resolve']): ProtocolBinding {
  return {
    signingName: 'sts',
    targetPrefix: 'AWSSecurityTokenServiceV20110615',
    apiVersion: '2011-06-15',
    protocols: ['awsQuery'],
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: [AssumeRole$, GetCallerIdentity$, GetSessionToken$],
    errors: [
      ExpiredTokenException$,
      MalformedPolicyDocumentException$,
      PackedPolicyTooLargeException$,
      RegionDisabledException$,
    ],
    resolve,
    missingMembers: (_action, paths) => constraintViolations('ValidationError', paths),
  };
}
