import type { AutoScaling } from '../autoscaling';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import type { PutScheduledUpdateGroupActionType } from '@aws-sdk/client-auto-scaling';
import {
  emulated,
  integer,
  replacing,
  required,
  type Shape,
  text,
  type Values,
  WrongShape,
} from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';

const timestamp: Shape<Date> = {
  expected: 'a timestamp such as 2030-01-31T08:00:00Z',
  read(value, path) {
    const date = typeof value === 'string' ? new Date(value) : undefined;
    if (date === undefined || Number.isNaN(date.getTime())) throw new WrongShape(path, value, this.expected);
    return date;
  },
};

const properties = {
  AutoScalingGroupName: required(replacing(emulated(text))),
  DesiredCapacity: emulated(integer),
  EndTime: emulated(timestamp),
  MaxSize: emulated(integer),
  MinSize: emulated(integer),
  Recurrence: emulated(text),
  StartTime: emulated(timestamp),
  TimeZone: emulated(text),
};

/** A scheduled action. CloudFormation always generates its name. */
export const autoScalingScheduledAction = define({
  type: 'AWS::AutoScaling::ScheduledAction',
  properties,
  create(resource, context: ResourceContext<AutoScaling>) {
    const name = resource.name({ longest: 255 });
    context.service.putScheduledUpdateGroupAction(inputOf(name, resource.properties), context.call);
    return { ref: name, attributes: { ScheduledActionName: name } };
  },
  update({ ref, attributes, properties: given }, context: ResourceContext<AutoScaling>) {
    context.service.putScheduledUpdateGroupAction(inputOf(ref, given), context.call);
    return { ref, attributes };
  },
  delete({ ref, properties: { AutoScalingGroupName } }, context: ResourceContext<AutoScaling>) {
    const { ScheduledUpdateGroupActions: found } = context.service.describeScheduledActions(
      { ScheduledActionNames: [ref] },
      context.call,
    );
    // It is gone if it has run for the last time, or with its group.
    if (!found?.some((action) => action.AutoScalingGroupName === AutoScalingGroupName)) return;
    context.service.deleteScheduledAction({ AutoScalingGroupName, ScheduledActionName: ref }, context.call);
  },
});

function inputOf(name: string, given: Values<typeof properties>): PutScheduledUpdateGroupActionType {
  return { ...given, ScheduledActionName: name };
}
