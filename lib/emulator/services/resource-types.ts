import { autoScalingGroup } from './autoscaling/resources/group';
import { autoScalingLaunchConfiguration } from './autoscaling/resources/launch-configuration';
import { autoScalingLifecycleHook } from './autoscaling/resources/lifecycle-hook';
import { autoScalingPolicy } from './autoscaling/resources/scaling-policy';
import { autoScalingScheduledAction } from './autoscaling/resources/scheduled-action';
import { autoScalingWarmPool } from './autoscaling/resources/warm-pool';
import { cdkCrossRegionProviders } from '../cloudformation/resources/cdk-cross-region';
import { cloudFormationStack } from '../cloudformation/resources/stack';
import { cloudWatchAlarm } from './cloudwatch/resources/alarm';
import { cloudWatchCompositeAlarm } from './cloudwatch/resources/composite-alarm';
import { cloudWatchDashboard } from './cloudwatch/resources/dashboard';
import type { Provider } from '../cloudformation/provider/contract';
import { ec2LaunchTemplate } from './ec2/resources/launch-template';
import { networkingProviders } from '../cloudformation/resources/inert-networking';
import { observationProviders } from '../cloudformation/resources/inert-observation';
import { securityProviders } from './iam/resources/identities';
import { kmsAlias } from './kms/resources/alias';
import { kmsKey } from './kms/resources/key';
import { lambdaAlias } from './lambda/resources/alias';
import { lambdaEventInvokeConfig } from './lambda/resources/event-invoke-config';
import { lambdaEventSourceMapping } from './lambda/resources/event-source-mapping';
import { lambdaFunction } from './lambda/resources/function';
import { lambdaVersion } from './lambda/resources/version';
import { sqsQueue } from './sqs/resources/queue';
import { sqsQueueInlinePolicy, sqsQueuePolicy } from './sqs/resources/queue-policy';
import { ssmParameter } from './ssm/resources/parameter';

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
