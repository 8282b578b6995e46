import {
  DeleteAlarms$,
  DescribeAlarmHistory$,
  DescribeAlarms$,
  DescribeAlarmsForMetric$,
  DisableAlarmActions$,
  EnableAlarmActions$,
  GetMetricData$,
  GetMetricStatistics$,
  ListMetrics$,
  ListTagsForResource$,
  PutCompositeAlarm$,
  PutMetricAlarm$,
  PutMetricData$,
  SetAlarmState$,
  TagResource$,
  UntagResource$,
} from '@aws-sdk/client-cloudwatch';
import type { ServiceBinding } from '../service-binding';
import { constraintViolations } from './constraint-violations';

/** CloudWatch metrics and alarms on the wire: AWS JSON 1.0, which today's SDK speaks; RPC v2 CBOR; and Query. */
export function cloudWatchBinding(resolve: ServiceBinding['resolve']): ServiceBinding {
  return {
    signingName: 'monitoring',
    targetPrefix: 'GraniteServiceVersion20100801',
    apiVersion: '2010-08-01',
    protocols: ['awsJson', 'rpcV2Cbor', 'awsQuery'],
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    queryCompatible: true,
    operations: [
      DeleteAlarms$,
      DescribeAlarmHistory$,
      DescribeAlarms$,
      DescribeAlarmsForMetric$,
      DisableAlarmActions$,
      EnableAlarmActions$,
      GetMetricData$,
      GetMetricStatistics$,
      ListMetrics$,
      ListTagsForResource$,
      PutCompositeAlarm$,
      PutMetricAlarm$,
      PutMetricData$,
      SetAlarmState$,
      TagResource$,
      UntagResource$,
    ],
    resolve,
    missingMembers: (_action, paths) => constraintViolations('ValidationError', paths),
  };
}
