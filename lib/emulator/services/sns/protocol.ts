import * as sdk from '@aws-sdk/client-sns';
import { parseArn } from '../../core';
import type { ProtocolBinding } from '../../protocol';
import type { IncomingInput, Place } from '../../protocol/protocol-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';
import { CERTIFICATE, CERTIFICATE_PATH } from './signing/certificate';

/** Amazon SNS on the wire: AWS Query. */
export const protocol: ProtocolBinding = {
  signingName: 'sns',
  targetPrefix: 'AmazonSNS',
  apiVersion: '2010-03-31',
  protocols: ['awsQuery'],
  xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  operations: [
    sdk.AddPermission$,
    sdk.CheckIfPhoneNumberIsOptedOut$,
    sdk.ConfirmSubscription$,
    sdk.CreatePlatformApplication$,
    sdk.CreatePlatformEndpoint$,
    sdk.CreateSMSSandboxPhoneNumber$,
    sdk.CreateTopic$,
    sdk.DeleteEndpoint$,
    sdk.DeletePlatformApplication$,
    sdk.DeleteSMSSandboxPhoneNumber$,
    sdk.DeleteTopic$,
    sdk.GetDataProtectionPolicy$,
    sdk.GetEndpointAttributes$,
    sdk.GetPlatformApplicationAttributes$,
    sdk.GetSMSAttributes$,
    sdk.GetSMSSandboxAccountStatus$,
    sdk.GetSubscriptionAttributes$,
    sdk.GetTopicAttributes$,
    sdk.ListEndpointsByPlatformApplication$,
    sdk.ListOriginationNumbers$,
    sdk.ListPhoneNumbersOptedOut$,
    sdk.ListPlatformApplications$,
    sdk.ListSMSSandboxPhoneNumbers$,
    sdk.ListSubscriptions$,
    sdk.ListSubscriptionsByTopic$,
    sdk.ListTagsForResource$,
    sdk.ListTopics$,
    sdk.OptInPhoneNumber$,
    sdk.Publish$,
    sdk.PublishBatch$,
    sdk.PutDataProtectionPolicy$,
    sdk.RemovePermission$,
    sdk.SetEndpointAttributes$,
    sdk.SetPlatformApplicationAttributes$,
    sdk.SetSMSAttributes$,
    sdk.SetSubscriptionAttributes$,
    sdk.SetTopicAttributes$,
    sdk.Subscribe$,
    sdk.TagResource$,
    sdk.Unsubscribe$,
    sdk.UntagResource$,
    sdk.VerifySMSSandboxPhoneNumber$,
  ],
  errors: [
    sdk.AuthorizationErrorException$,
    sdk.BatchEntryIdsNotDistinctException$,
    sdk.BatchRequestTooLongException$,
    sdk.ConcurrentAccessException$,
    sdk.EmptyBatchRequestException$,
    sdk.EndpointDisabledException$,
    sdk.FilterPolicyLimitExceededException$,
    sdk.InternalErrorException$,
    sdk.InvalidBatchEntryIdException$,
    sdk.InvalidParameterException$,
    sdk.InvalidParameterValueException$,
    sdk.InvalidSecurityException$,
    sdk.InvalidStateException$,
    sdk.KMSAccessDeniedException$,
    sdk.KMSDisabledException$,
    sdk.KMSInvalidStateException$,
    sdk.KMSNotFoundException$,
    sdk.KMSOptInRequired$,
    sdk.KMSThrottlingException$,
    sdk.NotFoundException$,
    sdk.OptedOutException$,
    sdk.PlatformApplicationDisabledException$,
    sdk.ReplayLimitExceededException$,
    sdk.ResourceNotFoundException$,
    sdk.StaleTagException$,
    sdk.SubscriptionLimitExceededException$,
    sdk.TagLimitExceededException$,
    sdk.TagPolicyException$,
    sdk.ThrottledException$,
    sdk.TooManyEntriesInBatchRequestException$,
    sdk.TopicLimitExceededException$,
    sdk.UserErrorException$,
    sdk.ValidationException$,
    sdk.VerificationException$,
  ],
  missingMembers: (_action, paths) => constraintViolations('ValidationError', paths),
  placeOf,
  fileAt: (path) => (path === CERTIFICATE_PATH ? { type: 'application/x-pem-file', body: CERTIFICATE } : undefined),
};

/** The links in confirmations and notifications are not signed: the ARN in them says where the topic is. */
function placeOf({ request, input }: IncomingInput): Place {
  if (request.method !== 'GET' || request.headers.authorization !== undefined) return {};
  if (request.query.includes('X-Amz-Credential')) return {};
  const { TopicArn, SubscriptionArn } = input;
  const named = TopicArn ?? SubscriptionArn;
  const arn = typeof named === 'string' ? parseArn(named) : undefined;
  return arn === undefined || !/^\d{12}$/.test(arn.account) ? {} : { account: arn.account, region: arn.region };
}
