import {
  ConcurrentModificationException$,
  ConflictException$,
  DashboardInvalidInputError$,
  DashboardNotFoundError$,
  DeleteAlarms$,
  DeleteDashboards$,
  DescribeAlarmHistory$,
  DescribeAlarms$,
  DescribeAlarmsForMetric$,
  DisableAlarmActions$,
  EnableAlarmActions$,
  GetDashboard$,
  GetMetricData$,
  GetMetricStatistics$,
  InternalServiceFault$,
  InvalidFormatFault$,
  InvalidNextToken$,
  InvalidParameterCombinationException$,
  InvalidParameterValueException$,
  LimitExceededException$,
  LimitExceededFault$,
  ListDashboards$,
  ListMetrics$,
  ListTagsForResource$,
  MissingRequiredParameterException$,
  PutCompositeAlarm$,
  PutDashboard$,
  PutMetricAlarm$,
  PutMetricData$,
  ResourceNotFound$,
  ResourceNotFoundException$,
  SetAlarmState$,
  TagResource$,
  UntagResource$,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../core';
import type { IncomingInput, ProtocolBinding } from '../../protocol/service-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** CloudWatch on the wire: RPC v2 CBOR, which botocore speaks; AWS JSON 1.0, as the SDK for JavaScript; and Query. */
export function cloudWatchBinding(resolve: ProtocolBinding['resolve']): ProtocolBinding {
  return {
    signingName: 'monitoring',
    targetPrefix: 'GraniteServiceVersion20100801',
    apiVersion: '2010-08-01',
    protocols: ['awsJson', 'rpcV2Cbor', 'awsQuery'],
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    queryCompatible: true,
    operations: [
      DeleteAlarms$,
      DeleteDashboards$,
      DescribeAlarmHistory$,
      DescribeAlarms$,
      DescribeAlarmsForMetric$,
      DisableAlarmActions$,
      EnableAlarmActions$,
      GetDashboard$,
      GetMetricData$,
      GetMetricStatistics$,
      ListDashboards$,
      ListMetrics$,
      ListTagsForResource$,
      PutCompositeAlarm$,
      PutDashboard$,
      PutMetricAlarm$,
      PutMetricData$,
      SetAlarmState$,
      TagResource$,
      UntagResource$,
    ],
    errors: [
      ConcurrentModificationException$,
      ConflictException$,
      DashboardInvalidInputError$,
      DashboardNotFoundError$,
      InternalServiceFault$,
      InvalidFormatFault$,
      InvalidNextToken$,
      InvalidParameterCombinationException$,
      InvalidParameterValueException$,
      LimitExceededException$,
      LimitExceededFault$,
      MissingRequiredParameterException$,
      ResourceNotFound$,
      ResourceNotFoundException$,
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
    resolve,
    refine: limitMetricData,
    missingMembers: (_action, paths) => constraintViolations('ValidationError', paths),
  };
}

const LARGEST_METRIC_DATA = 1024 * 1024;

/** A request to put metric data is of at most 1 MB, unless it is compressed. */
function limitMetricData({ action, request: { headers, body } }: IncomingInput): void {
  if (action !== 'PutMetricData' || headers['content-encoding'] !== undefined) return;
  if (body.length <= LARGEST_METRIC_DATA) return;
  const message = `The request is of ${body.length} bytes; at most ${LARGEST_METRIC_DATA} are allowed.`;
  throw new AwsError('RequestEntityTooLarge', message, { status: 413 });
}
