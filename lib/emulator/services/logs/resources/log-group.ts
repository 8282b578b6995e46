import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';
import { formatArn } from '../../../core';
import type { CreatedResource, NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import {
  anything,
  emulated,
  flag,
  inert,
  integer,
  naming,
  text,
  unsupported,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { tagChanges, tagList, tagMap } from '../../../cloudformation/provider/tags';
import type { Logs } from '../logs';

const properties = {
  BearerTokenAuthenticationEnabled: unsupported('requests are authenticated by their signature only'),
  DataProtectionPolicy: unsupported('nothing is masked'),
  DeletionProtectionEnabled: emulated(flag),
  FieldIndexPolicies: inert(anything, 'there is no Logs Insights that would use an index'),
  KmsKeyId: inert(text, 'kept and told, but events are not encrypted'),
  LogGroupClass: emulated(text),
  LogGroupName: naming(emulated(text)),
  ResourcePolicyDocument: unsupported('resource policies of log groups are not evaluated'),
  RetentionInDays: emulated(integer),
  Tags: emulated(tagList),
};

const nameOf = ({ properties: given, name }: NewResource<Values<typeof properties>>): string =>
  given.LogGroupName ?? name({ longest: 512 });

/** A log group. */
export const logGroup = define({
  type: 'AWS::Logs::LogGroup',
  properties,
  unique: {
    name: nameOf,
    exists: (resource, { service }: ResourceContext<Logs>) => service.hasGroup(nameOf(resource)),
  },
  create(resource, context: ResourceContext<Logs>) {
    const { service, call } = context;
    const { DeletionProtectionEnabled, KmsKeyId, LogGroupClass, RetentionInDays, Tags } = resource.properties;
    const logGroupName = nameOf(resource);
    service.createLogGroup(
      {
        logGroupName,
        kmsKeyId: KmsKeyId,
        logGroupClass: LogGroupClass as LogGroupClass | undefined, // the service checks it
        deletionProtectionEnabled: DeletionProtectionEnabled,
        tags: tagMap(Tags ?? []),
      },
      call,
    );
    if (RetentionInDays !== undefined) {
      service.putRetentionPolicy({ logGroupName, retentionInDays: RetentionInDays }, call);
    }
    service.setSystemTags(logGroupName, resource.systemTags);
    return created(logGroupName, context);
  },
  update({ ref: logGroupName, properties: given, previous }, context: ResourceContext<Logs>) {
    const { service, call } = context;
    const { DeletionProtectionEnabled = false, KmsKeyId, RetentionInDays } = given;
    if (RetentionInDays === undefined) service.deleteRetentionPolicy({ logGroupName }, call);
    else service.putRetentionPolicy({ logGroupName, retentionInDays: RetentionInDays }, call);
    if (KmsKeyId === undefined) service.disassociateKmsKey({ logGroupName }, call);
    else service.associateKmsKey({ logGroupName, kmsKeyId: KmsKeyId }, call);
    const protection = { logGroupIdentifier: logGroupName, deletionProtectionEnabled: DeletionProtectionEnabled };
    service.putLogGroupDeletionProtection(protection, call);
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    if (removed.length > 0) service.untagLogGroup({ logGroupName, tags: removed }, call);
    if (Object.keys(added).length > 0) service.tagLogGroup({ logGroupName, tags: added }, call);
    return created(logGroupName, context);
  },
  delete({ ref: logGroupName }, { service, call }: ResourceContext<Logs>) {
    unlessGone(() => service.deleteLogGroup({ logGroupName }, call), 'ResourceNotFoundException');
  },
});

function created(name: string, { region, account }: ResourceContext<Logs>): CreatedResource {
  return { ref: name, attributes: { Arn: formatArn('logs', region, account, `log-group:${name}:*`) } };
}
