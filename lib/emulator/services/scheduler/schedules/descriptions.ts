import type { GetScheduleOutput, ScheduleSummary } from '@aws-sdk/client-scheduler';
import { LIMITS } from '../limits';
import type { Schedule } from './schedule';

const DEFAULT_RETRIES = { MaximumEventAgeInSeconds: LIMITS.eventAge, MaximumRetryAttempts: LIMITS.retryAttempts };

/** A schedule as GetSchedule describes it. */
export function described({ name, arn, groupName, createdAt, modifiedAt, settings }: Schedule): GetScheduleOutput {
  const { target } = settings;
  return {
    Arn: arn,
    GroupName: groupName,
    Name: name,
    ScheduleExpression: settings.text,
    ScheduleExpressionTimezone: settings.zoneName,
    StartDate: dateOf(settings.start),
    EndDate: dateOf(settings.end),
    Description: settings.description,
    State: settings.state,
    CreationDate: new Date(createdAt),
    LastModificationDate: new Date(modifiedAt),
    KmsKeyArn: settings.kmsKeyArn,
    Target: { ...target, RetryPolicy: { ...DEFAULT_RETRIES, ...target.RetryPolicy } },
    FlexibleTimeWindow: settings.window,
    ActionAfterCompletion: settings.afterCompletion,
  };
}

/** A schedule as ListSchedules lists it. */
export function summarized({ arn, name, groupName, createdAt, modifiedAt, settings }: Schedule): ScheduleSummary {
  return {
    Arn: arn,
    Name: name,
    GroupName: groupName,
    State: settings.state,
    CreationDate: new Date(createdAt),
    LastModificationDate: new Date(modifiedAt),
    Target: { Arn: settings.target.Arn },
  };
}

function dateOf(instant: number | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant);
}
