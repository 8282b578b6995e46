import type {
  DescribeAccountLimitsAnswer,
  DescribeAdjustmentTypesAnswer,
  DescribeLifecycleHookTypesAnswer,
  DescribeMetricCollectionTypesAnswer,
  DescribeTerminationPolicyTypesAnswer,
} from '@aws-sdk/client-auto-scaling';
import { GRANULARITY, GROUP_METRICS } from './group-metrics';
import { LAUNCHING, TERMINATING } from '../hooks/lifecycle-hook';
import { ADJUSTMENT_TYPES } from '../scaling/step-adjustments';
import { TERMINATION_POLICIES } from './termination';

/** The default quota of groups per account, which is not enforced here. */
const MOST_GROUPS = 500;

export function describeAccountLimits(groups: number): DescribeAccountLimitsAnswer {
  return {
    MaxNumberOfAutoScalingGroups: MOST_GROUPS,
    MaxNumberOfLaunchConfigurations: 200,
    NumberOfAutoScalingGroups: groups,
    NumberOfLaunchConfigurations: 0,
  };
}

export function describeAdjustmentTypes(): DescribeAdjustmentTypesAnswer {
  return { AdjustmentTypes: ADJUSTMENT_TYPES.map((AdjustmentType) => ({ AdjustmentType })) };
}

export function describeTerminationPolicyTypes(): DescribeTerminationPolicyTypesAnswer {
  return { TerminationPolicyTypes: [...TERMINATION_POLICIES] };
}

export function describeLifecycleHookTypes(): DescribeLifecycleHookTypesAnswer {
  return { LifecycleHookTypes: [LAUNCHING, TERMINATING] };
}

export function describeMetricCollectionTypes(): DescribeMetricCollectionTypesAnswer {
  return {
    Metrics: GROUP_METRICS.map((Metric) => ({ Metric })),
    Granularities: [{ Granularity: GRANULARITY }],
  };
}
