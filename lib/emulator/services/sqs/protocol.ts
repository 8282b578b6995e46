import * as sdk from '@aws-sdk/client-sqs';
import { AwsError, isQueuePath, readQueueUrl, regionOfEndpoint } from '../../core';
import type { MemberPath } from '../../protocol/schema/required-members';
import type { IncomingInput, Place, ProtocolBinding } from '../../protocol/protocol-binding';

// All other actions have a QueueUrl, which may be omitted in a request to the queue's own URL.
const WITHOUT_QUEUE_URL = new Set([
  'CancelMessageMoveTask',
  'CreateQueue',
  'GetQueueUrl',
  'ListMessageMoveTasks',
  'ListQueues',
  'StartMessageMoveTask',
]);

const ACCOUNT = /^\d{12}$/;

/** The protocols of SQS: AWS JSON 1.0, and Query for older clients. */
export const protocol: ProtocolBinding = {
  signingName: 'sqs',
  hostNames: ['sqs', 'queue'],
  targetPrefix: 'AmazonSQS',
  apiVersion: '2012-11-05',
  protocols: ['awsJson', 'awsQuery'],
  xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
  queryCompatible: true,
  operations: [
    sdk.AddPermission$,
    sdk.CancelMessageMoveTask$,
    sdk.ChangeMessageVisibility$,
    sdk.ChangeMessageVisibilityBatch$,
    sdk.CreateQueue$,
    sdk.DeleteMessage$,
    sdk.DeleteMessageBatch$,
    sdk.DeleteQueue$,
    sdk.GetQueueAttributes$,
    sdk.GetQueueUrl$,
    sdk.ListDeadLetterSourceQueues$,
    sdk.ListMessageMoveTasks$,
    sdk.ListQueues$,
    sdk.ListQueueTags$,
    sdk.PurgeQueue$,
    sdk.ReceiveMessage$,
    sdk.RemovePermission$,
    sdk.SendMessage$,
    sdk.SendMessageBatch$,
    sdk.SetQueueAttributes$,
    sdk.StartMessageMoveTask$,
    sdk.TagQueue$,
    sdk.UntagQueue$,
  ],
  errors: [
    sdk.BatchEntryIdsNotDistinct$,
    sdk.BatchRequestTooLong$,
    sdk.EmptyBatchRequest$,
    sdk.InvalidAddress$,
    sdk.InvalidAttributeName$,
    sdk.InvalidAttributeValue$,
    sdk.InvalidBatchEntryId$,
    sdk.InvalidIdFormat$,
    sdk.InvalidMessageContents$,
    sdk.InvalidSecurity$,
    sdk.KmsAccessDenied$,
    sdk.KmsDisabled$,
    sdk.KmsInvalidKeyUsage$,
    sdk.KmsInvalidState$,
    sdk.KmsNotFound$,
    sdk.KmsOptInRequired$,
    sdk.KmsThrottled$,
    sdk.MessageNotInflight$,
    sdk.OverLimit$,
    sdk.PurgeQueueInProgress$,
    sdk.QueueDeletedRecently$,
    sdk.QueueDoesNotExist$,
    sdk.QueueNameExists$,
    sdk.ReceiptHandleIsInvalid$,
    sdk.RequestThrottled$,
    sdk.ResourceNotFoundException$,
    sdk.TooManyEntriesInBatchRequest$,
    sdk.UnsupportedOperation$,
  ],
  // The model names it AttributeName, like the older list, but Query clients use this name.
  queryAliases: { MessageSystemAttributeNames: 'MessageSystemAttributeName' },
  missingMembers,
  ownsPath: isQueuePath,
  refine,
  placeOf,
  unknownActionMessage,
  unknownVersion: (version) => new AwsError('NoSuchVersion', `The requested version ( ${version} ) is not valid.`),
};

function refine({ action, protocol, request, input }: IncomingInput): void {
  if (isQueuePath(request.path)) {
    if (protocol === 'awsQuery' && (action === 'CreateQueue' || action === 'ListQueues')) {
      throw new AwsError('InvalidAction', unknownActionMessage(action));
    }
    if (!WITHOUT_QUEUE_URL.has(action)) input.QueueUrl ??= request.endpoint + request.path;
  }
}

function placeOf({ request, input }: IncomingInput): Place {
  const { QueueUrl: url } = input;
  const ofEndpoint = regionOfEndpoint(request.endpoint);
  if (typeof url !== 'string') return { region: ofEndpoint };
  const { account, region = ofEndpoint } = readQueueUrl(url);
  return { region, ...(account !== undefined && ACCOUNT.test(account) && { account }) };
}

function missingMembers(action: string, paths: readonly MemberPath[]): AwsError | undefined {
  // The service reports members that are missing inside an entry or an attribute, each with its own error.
  const path = paths.find(({ length }) => length === 1);
  if (path === undefined) return undefined;
  // The Query protocol does not distinguish an empty list from none.
  if (path[0] === 'Entries') {
    const message = `There should be at least one ${action}RequestEntry in the request.`;
    return new AwsError('EmptyBatchRequest', message, { queryCode: 'AWS.SimpleQueueService.EmptyBatchRequest' });
  }
  const message = `The request must contain the parameter ${path[0]}.`;
  return new AwsError('MissingRequiredParameterException', message, { queryCode: 'MissingParameter' });
}

function unknownActionMessage(action: string): string {
  return `The action ${action} is not valid for this endpoint.`;
}
