import type {
  CreateAutoScalingGroupType,
  DeleteScheduledActionType,
  DescribeScheduledActionsType,
  EnableMetricsCollectionQuery,
  PolicyARNType,
  PutLifecycleHookType,
  PutScalingPolicyType,
  PutScheduledUpdateGroupActionType,
  ScheduledActionsType,
  AutoScalingGroupsType,
  AutoScalingGroupNamesType,
} from '@aws-sdk/client-auto-scaling';
import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type {
  CreateAliasRequest,
  CreateKeyRequest,
  CreateKeyResponse,
  DisableKeyRequest,
  EnableKeyRotationRequest,
} from '@aws-sdk/client-kms';
import type { CreateEventSourceMappingRequest, EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { CreateQueueRequest, CreateQueueResult, SetQueueAttributesRequest } from '@aws-sdk/client-sqs';
import type { Call } from '../api';
import type { Random } from '../clock';
import type { LaunchTemplates } from '../ec2';
import type { FunctionSpec } from '../lambda';

/** Where stacks are deployed to: an account in a region, and of its services what the resource providers call. */
export interface Cloud {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** `aws`, but for China and the closed regions. */
  readonly partition: string;
  /** In whose name the services are called. */
  readonly call: Call;
  /** Names are drawn from it: the same seed gives the same names. */
  readonly random: Random;
  readonly kms: {
    createKey(input: CreateKeyRequest, call: Call): CreateKeyResponse;
    disableKey(input: DisableKeyRequest, call: Call): unknown;
    enableKeyRotation(input: EnableKeyRotationRequest, call: Call): unknown;
    createAlias(input: CreateAliasRequest, call: Call): unknown;
  };
  readonly sqs: {
    createQueue(input: CreateQueueRequest, call: Call): CreateQueueResult;
    setQueueAttributes(input: SetQueueAttributesRequest, call: Call): unknown;
  };
  readonly lambda: {
    createFunction(spec: FunctionSpec): unknown;
    createEventSourceMapping(input: CreateEventSourceMappingRequest, call: Call): EventSourceMappingConfiguration;
  };
  readonly cloudWatch: {
    putMetricAlarm(input: PutMetricAlarmInput, call: Call): unknown;
    putCompositeAlarm(input: PutCompositeAlarmInput, call: Call): unknown;
  };
  readonly autoScaling: {
    createAutoScalingGroup(input: CreateAutoScalingGroupType, call: Call): unknown;
    describeAutoScalingGroups(input: AutoScalingGroupNamesType, call: Call): AutoScalingGroupsType;
    enableMetricsCollection(input: EnableMetricsCollectionQuery, call: Call): unknown;
    putScalingPolicy(input: PutScalingPolicyType, call: Call): PolicyARNType;
    putLifecycleHook(input: PutLifecycleHookType, call: Call): unknown;
    putScheduledUpdateGroupAction(input: PutScheduledUpdateGroupActionType, call: Call): unknown;
    describeScheduledActions(input: DescribeScheduledActionsType, call: Call): ScheduledActionsType;
    deleteScheduledAction(input: DeleteScheduledActionType, call: Call): unknown;
  };
  readonly launchTemplates: Pick<LaunchTemplates, 'create'>;
  /** The local file or folder of a published asset. */
  readonly asset: (bucket: string, key: string) => string | undefined;
  /** Makes an empty folder, kept as long as the emulator runs: for code that comes inline or in an archive. */
  scratchDirectory(purpose: string): string;
  /** The Parameter Store; stacks add to it. */
  readonly ssmParameters: Map<string, string>;
  /** The exports of this account and region; stacks add to it. */
  readonly exports: Map<string, string>;
  /** The outputs of all stacks, of every account and region, keyed by {@link outputKey}; stacks add to it. */
  readonly outputs: Map<string, string>;
}

/** How an output of a stack is called in {@link Cloud.outputs}. */
export function outputKey(account: string, region: string, stackName: string, outputName: string): string {
  return `${account}/${region}/${stackName}/${outputName}`;
}
