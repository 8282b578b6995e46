import * as sdk from '@aws-sdk/client-dynamodb';
import * as streams from '@aws-sdk/client-dynamodb-streams';
import type { ProtocolBinding } from '../../protocol/protocol-binding';

const MODEL_NAMESPACE = 'com.amazonaws.dynamodb.v20120810';
const VALIDATION_NAMESPACE = 'com.amazon.coral.validate';

/** The protocol of DynamoDB and DynamoDB Streams: AWS JSON 1.0, with a target each. */
export const protocol: ProtocolBinding = {
  signingName: 'dynamodb',
  hostNames: ['dynamodb', 'streams.dynamodb'],
  targetPrefix: 'DynamoDB_20120810',
  apiVersion: '2012-08-10',
  protocols: ['awsJson'],
  operations: [
    sdk.BatchGetItem$,
    sdk.BatchWriteItem$,
    sdk.CreateTable$,
    sdk.DeleteItem$,
    sdk.DeleteTable$,
    sdk.DescribeContinuousBackups$,
    sdk.DescribeEndpoints$,
    sdk.DescribeLimits$,
    sdk.DescribeTable$,
    sdk.DescribeTimeToLive$,
    sdk.GetItem$,
    sdk.ListTables$,
    sdk.ListTagsOfResource$,
    sdk.PutItem$,
    sdk.Query$,
    sdk.Scan$,
    sdk.TagResource$,
    sdk.TransactGetItems$,
    sdk.TransactWriteItems$,
    sdk.UntagResource$,
    sdk.UpdateContinuousBackups$,
    sdk.UpdateItem$,
    sdk.UpdateTable$,
    sdk.UpdateTimeToLive$,
  ],
  otherTargets: {
    DynamoDBStreams_20120810: [
      streams.DescribeStream$,
      streams.GetRecords$,
      streams.GetShardIterator$,
      streams.ListStreams$,
    ],
  },
  doubles: [
    'Capacity.CapacityUnits',
    'Capacity.ReadCapacityUnits',
    'Capacity.WriteCapacityUnits',
    'ConsumedCapacity.CapacityUnits',
    'ConsumedCapacity.ReadCapacityUnits',
    'ConsumedCapacity.WriteCapacityUnits',
    'ItemCollectionMetrics.SizeEstimateRangeGB',
  ],
  errorNamespace: (shape) => (shape === 'ValidationException' ? VALIDATION_NAMESPACE : MODEL_NAMESPACE),
  // The service reports missing members together with others that are not valid.
  missingMembers: () => undefined,
};
