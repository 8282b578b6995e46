import * as sdk from '@aws-sdk/client-ssm';
import type { ProtocolBinding } from '../../protocol/protocol-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** The protocol of Systems Manager: AWS JSON 1.1. Only the Parameter Store is emulated. */
export const protocol: ProtocolBinding = {
  signingName: 'ssm',
  targetPrefix: 'AmazonSSM',
  apiVersion: '2014-11-06',
  protocols: ['awsJson'],
  operations: [
    sdk.AddTagsToResource$,
    sdk.DeleteParameter$,
    sdk.DeleteParameters$,
    sdk.DescribeParameters$,
    sdk.GetParameter$,
    sdk.GetParameterHistory$,
    sdk.GetParameters$,
    sdk.GetParametersByPath$,
    sdk.LabelParameterVersion$,
    sdk.ListTagsForResource$,
    sdk.PutParameter$,
    sdk.RemoveTagsFromResource$,
    sdk.UnlabelParameterVersion$,
  ],
  missingMembers: (_action, paths) => constraintViolations('ValidationException', paths),
};
