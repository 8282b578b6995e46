import type { Distribution } from '@aws-sdk/client-cloudwatch-logs';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { emulated, replacing, required, text, unsupported, type Values } from '../../../cloudformation/provider/shapes';
import type { Logs } from '../logs';

const properties = {
  ApplyOnTransformedLogs: unsupported('log events are not transformed'),
  DestinationArn: required(emulated(text)),
  Distribution: emulated(text),
  EmitSystemFields: unsupported('messages get no system fields'),
  FieldSelectionCriteria: unsupported('events of all accounts and Regions are taken'),
  FilterName: replacing(emulated(text)),
  FilterPattern: required(emulated(text)),
  LogGroupName: replacing(required(emulated(text))),
  RoleArn: emulated(text, 'which must be given for a stream; what it permits is not evaluated'),
};

/** A subscription filter of a log group. */
export const subscriptionFilter = define({
  type: 'AWS::Logs::SubscriptionFilter',
  properties,
  create({ properties: given, name }, context: ResourceContext<Logs>) {
    const filterName = given.FilterName ?? name({ longest: 512 });
    put(filterName, given, context);
    return { ref: filterName, attributes: {} };
  },
  update({ ref, properties: given }, context: ResourceContext<Logs>) {
    put(ref, given, context);
    return { ref, attributes: {} };
  },
  delete({ ref: filterName, properties: { LogGroupName } }, { service, call }: ResourceContext<Logs>) {
    const remove = () => service.deleteSubscriptionFilter({ logGroupName: LogGroupName, filterName }, call);
    unlessGone(remove, 'ResourceNotFoundException');
  },
});

function put(filterName: string, given: Values<typeof properties>, { service, call }: ResourceContext<Logs>): void {
  service.putSubscriptionFilter(
    {
      logGroupName: given.LogGroupName,
      filterName,
      filterPattern: given.FilterPattern,
      destinationArn: given.DestinationArn,
      roleArn: given.RoleArn,
      distribution: given.Distribution as Distribution | undefined, // the service checks it
    },
    call,
  );
}
