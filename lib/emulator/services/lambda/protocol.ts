import * as sdk from '@aws-sdk/client-lambda';
import type { ProtocolBinding } from '../../protocol/protocol-binding';
import { unknownOperation } from '../../protocol/protocol/error-shapes';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** The protocol of Lambda: REST JSON. */
export const protocol: ProtocolBinding = {
  signingName: 'lambda',
  targetPrefix: 'AWSGirApiService',
  apiVersion: '2015-03-31',
  protocols: ['restJson'],
  operations: [
    sdk.AddPermission$,
    sdk.CreateAlias$,
    sdk.CreateEventSourceMapping$,
    sdk.CreateFunction$,
    sdk.DeleteAlias$,
    sdk.DeleteEventSourceMapping$,
    sdk.DeleteFunction$,
    sdk.DeleteFunctionConcurrency$,
    sdk.DeleteFunctionEventInvokeConfig$,
    sdk.GetAccountSettings$,
    sdk.GetAlias$,
    sdk.GetEventSourceMapping$,
    sdk.GetFunction$,
    sdk.GetFunctionConcurrency$,
    sdk.GetFunctionConfiguration$,
    sdk.GetFunctionEventInvokeConfig$,
    sdk.GetPolicy$,
    sdk.Invoke$,
    sdk.ListAliases$,
    sdk.ListEventSourceMappings$,
    sdk.ListFunctionEventInvokeConfigs$,
    sdk.ListFunctions$,
    sdk.ListTags$,
    sdk.ListVersionsByFunction$,
    sdk.PublishVersion$,
    sdk.PutFunctionConcurrency$,
    sdk.PutFunctionEventInvokeConfig$,
    sdk.RemovePermission$,
    sdk.TagResource$,
    sdk.UntagResource$,
    sdk.UpdateAlias$,
    sdk.UpdateEventSourceMapping$,
    sdk.UpdateFunctionCode$,
    sdk.UpdateFunctionConfiguration$,
    sdk.UpdateFunctionEventInvokeConfig$,
  ],
  doubles: [
    'AliasRoutingConfiguration.AdditionalVersionWeights',
    'LambdaManagedInstancesCapacityProviderConfig.ExecutionEnvironmentMemoryGiBPerVCpu',
  ],
  refine({ action }) {
    // Functions are created by templates only: the service's method of this name takes unpacked code.
    if (action === 'CreateFunction') throw unknownOperation(action, 404);
  },
  missingMembers: (_action, paths) => constraintViolations('ValidationException', paths),
};
