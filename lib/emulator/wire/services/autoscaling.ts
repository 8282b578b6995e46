import {
  CompleteLifecycleAction$,
  CreateAutoScalingGroup$,
  DeleteAutoScalingGroup$,
  DeleteLifecycleHook$,
  DeletePolicy$,
  DescribeAutoScalingGroups$,
  DescribeAutoScalingInstances$,
  DescribeLifecycleHooks$,
  DescribePolicies$,
  DescribeScalingActivities$,
  DisableMetricsCollection$,
  EnableMetricsCollection$,
  ExecutePolicy$,
  PutLifecycleHook$,
  PutScalingPolicy$,
  RecordLifecycleActionHeartbeat$,
  SetDesiredCapacity$,
  SetInstanceProtection$,
  TerminateInstanceInAutoScalingGroup$,
  UpdateAutoScalingGroup$,
} from '@aws-sdk/client-auto-scaling';
import type { ServiceBinding } from '../service-binding';
import { constraintViolations } from './constraint-violations';

/** EC2 Auto Scaling on the wire: Query. */
export function autoScalingBinding(resolve: ServiceBinding['resolve']): ServiceBinding {
  return {
    signingName: 'autoscaling',
    targetPrefix: 'AutoScaling_2011_01_01',
    apiVersion: '2011-01-01',
    protocols: ['awsQuery'],
    xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    operations: [
      CompleteLifecycleAction$,
      CreateAutoScalingGroup$,
      DeleteAutoScalingGroup$,
      DeleteLifecycleHook$,
      DeletePolicy$,
      DescribeAutoScalingGroups$,
      DescribeAutoScalingInstances$,
      DescribeLifecycleHooks$,
      DescribePolicies$,
      DescribeScalingActivities$,
      DisableMetricsCollection$,
      EnableMetricsCollection$,
      ExecutePolicy$,
      PutLifecycleHook$,
      PutScalingPolicy$,
      RecordLifecycleActionHeartbeat$,
      SetDesiredCapacity$,
      SetInstanceProtection$,
      TerminateInstanceInAutoScalingGroup$,
      UpdateAutoScalingGroup$,
    ],
    resolve,
    missingMembers: (_action, paths) => constraintViolations('ValidationError', paths),
  };
}
