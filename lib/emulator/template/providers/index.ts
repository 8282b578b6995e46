import { autoScalingGroup } from './autoscaling-group';
import { autoScalingLaunchConfiguration } from './autoscaling-launch-configuration';
import { autoScalingLifecycleHook } from './autoscaling-lifecycle-hook';
import { autoScalingPolicy } from './autoscaling-scaling-policy';
import { autoScalingScheduledAction } from './autoscaling-scheduled-action';
import { autoScalingWarmPool } from './autoscaling-warm-pool';
import { cdkCrossRegionProviders } from './cdk-cross-region';
import { cloudFormationStack } from './cloudformation-stack';
import { cloudWatchAlarm } from './cloudwatch-alarm';
import { cloudWatchCompositeAlarm } from './cloudwatch-composite-alarm';
import { cloudWatchDashboard } from './cloudwatch-dashboard';
import type { Provider } from './contract';
import { ec2LaunchTemplate } from './ec2-launch-template';
import { networkingProviders } from './inert-networking';
import { observationProviders } from './inert-observation';
import { securityProviders } from './inert-security';
import { kmsAlias } from './kms-alias';
import { kmsKey } from './kms-key';
import { lambdaAlias } from './lambda-alias';
import { lambdaEventInvokeConfig } from './lambda-event-invoke-config';
import { lambdaEventSourceMapping } from './lambda-event-source-mapping';
import { lambdaFunction } from './lambda-function';
import { lambdaVersion } from './lambda-version';
import { sqsQueue } from './sqs-queue';
import { sqsQueueInlinePolicy, sqsQueuePolicy } from './sqs-queue-policy';
import { ssmParameter } from './ssm-parameter';

/** All that there are. */
export const providers: readonly Provider[] = [
  autoScalingGroup,
  autoScalingLaunchConfiguration,
  autoScalingLifecycleHook,
  autoScalingPolicy,
  autoScalingScheduledAction,
  autoScalingWarmPool,
  cloudFormationStack,
  cloudWatchAlarm,
  cloudWatchCompositeAlarm,
  cloudWatchDashboard,
  ec2LaunchTemplate,
  kmsAlias,
  kmsKey,
  lambdaAlias,
  lambdaEventInvokeConfig,
  lambdaEventSourceMapping,
  lambdaFunction,
  lambdaVersion,
  sqsQueue,
  sqsQueueInlinePolicy,
  sqsQueuePolicy,
  ssmParameter,
  ...cdkCrossRegionProviders,
  ...networkingProviders,
  ...observationProviders,
  ...securityProviders,
];

const byType = new Map(providers.map((provider) => [provider.type, provider]));

/** The provider of a type of resource; undefined where the emulator has no such resources. */
export function providerOf(type: string): Provider | undefined {
  return byType.get(type);
}
