import * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../core';
import type { IncomingInput, ProtocolBinding } from '../../protocol/protocol-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** The protocols of CloudWatch: RPC v2 CBOR (botocore), AWS JSON 1.0 (the SDK for JavaScript) and Query. */
export const protocol: ProtocolBinding = {
  signingName: 'monitoring',
  targetPrefix: 'GraniteServiceVersion20100801',
  apiVersion: '2010-08-01',
  protocols: ['awsJson', 'rpcV2Cbor', 'awsQuery'],
  xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  queryCompatible: true,
  operations: [
    sdk.DeleteAlarms$,
    sdk.DeleteDashboards$,
    sdk.DescribeAlarmHistory$,
    sdk.DescribeAlarms$,
    sdk.DescribeAlarmsForMetric$,
    sdk.DisableAlarmActions$,
    sdk.EnableAlarmActions$,
    sdk.GetDashboard$,
    sdk.GetMetricData$,
    sdk.GetMetricStatistics$,
    sdk.ListDashboards$,
    sdk.ListMetrics$,
    sdk.ListTagsForResource$,
    sdk.PutCompositeAlarm$,
    sdk.PutDashboard$,
    sdk.PutMetricAlarm$,
    sdk.PutMetricData$,
    sdk.SetAlarmState$,
    sdk.TagResource$,
    sdk.UntagResource$,
  ],
  errors: [
    sdk.ConcurrentModificationException$,
    sdk.ConflictException$,
    sdk.DashboardInvalidInputError$,
    sdk.DashboardNotFoundError$,
    sdk.InternalServiceFault$,
    sdk.InvalidFormatFault$,
    sdk.InvalidNextToken$,
    sdk.InvalidParameterCombinationException$,
    sdk.InvalidParameterValueException$,
    sdk.LimitExceededException$,
    sdk.LimitExceededFault$,
    sdk.MissingRequiredParameterException$,
    sdk.ResourceNotFound$,
    sdk.ResourceNotFoundException$,
  ],
  doubles: [
    'Datapoint.Average',
    'Datapoint.ExtendedStatistics',
    'Datapoint.Maximum',
    'Datapoint.Minimum',
    'Datapoint.SampleCount',
    'Datapoint.Sum',
    'MetricAlarm.Threshold',
    'MetricDataResult.Values',
  ],
  refine: limitMetricData,
  missingMembers: (_action, paths) => constraintViolations('ValidationError', paths),
};

const LARGEST_METRIC_DATA = 1024 * 1024;

/** Rejects an uncompressed PutMetricData request of more than 1 MB. */
function limitMetricData({ action, request: { headers, body } }: IncomingInput): void {
  if (action !== 'PutMetricData' || headers['content-encoding'] !== undefined) return;
  if (body.length <= LARGEST_METRIC_DATA) return;
  const message = `The request is of ${body.length} bytes; at most ${LARGEST_METRIC_DATA} are allowed.`;
  throw new AwsError('RequestEntityTooLarge', message, { status: 413 });
}
