import { formatArn } from '../../../core';
import type { CreatedResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import {
  anything,
  emulated,
  inert,
  integer,
  naming,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { tagList, tagMap } from '../../../cloudformation/provider/tags';
import type { Logs } from '../logs';

const properties = {
  LogGroupName: naming(required(emulated(text))),
  LogGroupRegion: emulated(text),
  PropagateTags: emulated(tagList),
  RemovalPolicy: emulated(text),
  RetentionInDays: emulated(integer),
  SdkRetry: inert(anything),
  ServiceToken: required(inert(text, 'its function is not called: the emulator does what it would')),
};

/** With which the CDK sets how long a log group keeps its events; it creates the group if it is missing. */
export const logRetention = define({
  type: 'Custom::LogRetention',
  properties,
  create: ({ properties: given }, context: ResourceContext<Logs>) => retain(given, context),
  update: ({ properties: given }, context: ResourceContext<Logs>) => retain(given, context),
  delete({ properties: given }, context: ResourceContext<Logs>) {
    if (given.RemovalPolicy !== 'destroy') return;
    const logs = inRegion(given, context);
    const remove = () => logs.deleteLogGroup({ logGroupName: given.LogGroupName }, context.call);
    unlessGone(remove, 'ResourceNotFoundException');
  },
});

function retain(given: Values<typeof properties>, context: ResourceContext<Logs>): CreatedResource {
  const { LogGroupName: logGroupName, LogGroupRegion, PropagateTags, RetentionInDays } = given;
  const logs = inRegion(given, context);
  if (!logs.hasGroup(logGroupName)) {
    logs.createLogGroup({ logGroupName, tags: tagMap(PropagateTags ?? []) }, context.call);
  }
  if (RetentionInDays === undefined) logs.deleteRetentionPolicy({ logGroupName }, context.call);
  else logs.putRetentionPolicy({ logGroupName, retentionInDays: RetentionInDays }, context.call);
  const arn = formatArn('logs', LogGroupRegion ?? context.region, context.account, `log-group:${logGroupName}:*`);
  return { ref: logGroupName, attributes: { LogGroupName: logGroupName, LogGroupArn: arn } };
}

function inRegion({ LogGroupRegion }: Values<typeof properties>, context: ResourceContext<Logs>): Logs {
  return LogGroupRegion === undefined ? context.service : context.inRegion(LogGroupRegion);
}
