import type {
  LogGroup as LogGroupDescription,
  LogStream as LogStreamDescription,
} from '@aws-sdk/client-cloudwatch-logs';
import { eventId } from './event-id';
import type { LogGroup } from './log-group';
import type { LogStream } from './log-stream';

/** @param byPattern whether the group was found by a pattern: AWS then leaves members out */
export function describeGroup(group: LogGroup, byPattern: boolean): LogGroupDescription {
  const { name, arn, creationTime, retentionInDays, kmsKeyId, logClass } = group;
  return {
    logGroupName: name,
    creationTime,
    ...(retentionInDays !== undefined && { retentionInDays }),
    metricFilterCount: group.metricFilters.size,
    arn: `${arn}:*`,
    ...(!byPattern && { storedBytes: group.storedBytes, deletionProtectionEnabled: group.deletionProtection }),
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    logGroupClass: logClass,
    logGroupArn: arn,
  };
}

export function describeStream(stream: LogStream): LogStreamDescription {
  const { name, arn, creationTime, firstEvent, lastEvent, lastIngestionTime } = stream;
  return {
    logStreamName: name,
    creationTime,
    ...(firstEvent !== undefined && { firstEventTimestamp: firstEvent.timestamp }),
    ...(lastEvent !== undefined && { lastEventTimestamp: lastEvent.timestamp }),
    ...(lastIngestionTime !== undefined && {
      lastIngestionTime,
      uploadSequenceToken: eventId({ timestamp: lastIngestionTime, sequence: stream.added }),
    }),
    arn,
    storedBytes: 0, // AWS reports no bytes of streams any more
  };
}
