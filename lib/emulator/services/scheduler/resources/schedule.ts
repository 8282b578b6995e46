import type { ActionAfterCompletion, FlexibleTimeWindowMode, ScheduleState } from '@aws-sdk/client-scheduler';
import type { Scheduler } from '../scheduler';
import { formatArn } from '../../../core';
import {
  emulated,
  inert,
  integer,
  naming,
  record,
  replacing,
  required,
  type Shape,
  text,
  type Values,
  WrongShape,
} from '../../../cloudformation/provider/shapes';
import { type NewResource, type ResourceContext, UnsupportedResource } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const timestamp: Shape<Date> = {
  expected: 'a timestamp such as 2030-01-31T08:00:00Z',
  read(value, path) {
    const date = typeof value === 'string' ? new Date(value) : undefined;
    if (date === undefined || Number.isNaN(date.getTime())) throw new WrongShape(path, value, this.expected);
    return date;
  },
};

const target = record({
  Arn: required(emulated(text)),
  DeadLetterConfig: emulated(record({ Arn: emulated(text) })),
  EventBridgeParameters: emulated(record({ DetailType: required(emulated(text)), Source: required(emulated(text)) })),
  Input: emulated(text),
  KinesisParameters: emulated(record({ PartitionKey: required(emulated(text)) })),
  RetryPolicy: emulated(
    record({ MaximumEventAgeInSeconds: emulated(integer), MaximumRetryAttempts: emulated(integer) }),
  ),
  RoleArn: required(emulated(text)),
  SqsParameters: emulated(record({ MessageGroupId: emulated(text) })),
});

const properties = {
  ActionAfterCompletion: emulated(text),
  Description: emulated(text),
  EndDate: emulated(timestamp),
  FlexibleTimeWindow: required(
    emulated(record({ MaximumWindowInMinutes: emulated(integer), Mode: required(emulated(text)) })),
  ),
  GroupName: replacing(emulated(text)),
  KmsKeyArn: inert(text, 'nothing is encrypted in a schedule'),
  Name: naming(emulated(text)),
  ScheduleExpression: required(emulated(text)),
  ScheduleExpressionTimezone: emulated(text),
  StartDate: emulated(timestamp),
  State: emulated(text),
  Target: required(emulated(target)),
};

/** A schedule. */
export const schedulerSchedule = define({
  type: 'AWS::Scheduler::Schedule',
  properties,
  create(resource, { service, call, region, account }: ResourceContext<Scheduler>) {
    const name = nameOf(resource);
    const { GroupName = 'default', Target } = resource.properties;
    const lack = service.lackFor(Target);
    if (lack !== undefined) throw new UnsupportedResource(lack);
    service.createSchedule(inputOf(name, resource.properties), call);
    return {
      ref: name,
      attributes: { Arn: formatArn('scheduler', region, account, `schedule/${GroupName}/${name}`) },
    };
  },
  update({ ref, attributes, properties: given }, { service, call }: ResourceContext<Scheduler>) {
    service.updateSchedule(inputOf(ref, given), call);
    return { ref, attributes };
  },
  // It is already gone if it was deleted after its last run.
  delete: ({ ref, properties: { GroupName } }, { service, call }: ResourceContext<Scheduler>) =>
    unlessGone(() => service.deleteSchedule({ Name: ref, GroupName }, call), 'ResourceNotFoundException'),
});

/** The input of the API's actions, which check the values. */
function inputOf(Name: string, given: Values<typeof properties>) {
  const { ActionAfterCompletion: after, State, FlexibleTimeWindow: window } = given;
  return {
    ...given,
    Name,
    ActionAfterCompletion: after as ActionAfterCompletion | undefined,
    State: State as ScheduleState | undefined,
    FlexibleTimeWindow: { ...window, Mode: window.Mode as FlexibleTimeWindowMode },
  };
}

function nameOf({ properties: { Name }, name }: NewResource<Values<typeof properties>>): string {
  return Name ?? name({ longest: 64 });
}
