import { type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { type Construct } from 'constructs';

/** One step, its bounds relative to the alarm's threshold; above it the lower one is inclusive, the upper exclusive. */
export interface StepAdjustment {
  /** None: from minus infinity on. */
  readonly metricIntervalLowerBound?: number;
  /** None: up to infinity. */
  readonly metricIntervalUpperBound?: number;
  /** By how many workers, or to how many. */
  readonly scalingAdjustment: number;
}

/** What an alarm does to the number of workers. */
export interface StepPolicy {
  /** Whether the steps say by how many workers, or to how many. */
  readonly adjustmentType: 'ChangeInCapacity' | 'ExactCapacity';
  /** Whether it adds workers; these need a while until they work, for which they are not added again. */
  readonly grows: boolean;
  /** By how far the metric is beyond the threshold. */
  readonly stepAdjustments: StepAdjustment[];
}

/** A query of a target tracking policy, in the shape that EC2's and Application Auto Scaling share. */
export interface TrackedQuery {
  /** What expressions call it. */
  readonly id: string;
  /** Metric math on other queries. */
  readonly expression?: string;
  /** What people call it. */
  readonly label?: string;
  /** A metric, measured once a minute. */
  readonly metricStat?: {
    readonly metric: {
      readonly namespace: string;
      readonly metricName: string;
      readonly dimensions?: { readonly name: string; readonly value: string }[];
    };
    readonly stat: string;
  };
  /** Exactly one does. */
  readonly returnData: boolean;
}

/** What grows and shrinks: a group of instances, or a service's tasks. */
export interface ScalingTarget {
  /** How many workers run. */
  readonly running: IMetric;

  /** The expression that makes a gapless series of the metric, called `running` in it. */
  readonly gapless: string;

  /** For how many minutes in a row it must be zero until it really is: data may come late. */
  readonly surelyZeroMinutes: number;

  /** Returns the policy's ARN, for an alarm's actions. */
  readonly addStepPolicy: (scope: Construct, id: string, policy: StepPolicy) => string;

  /** Keeps the query that returns data at the target. */
  readonly addTrackingPolicy: (scope: Construct, id: string, targetValue: number, queries: TrackedQuery[]) => void;
}
