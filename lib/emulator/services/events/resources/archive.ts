import type { Events } from '../events';
import { formatArn } from '../../../core';
import {
  document,
  emulated,
  inert,
  integer,
  naming,
  replacing,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const properties = {
  ArchiveName: naming(emulated(text)),
  Description: emulated(text),
  EventPattern: emulated(document),
  KmsKeyIdentifier: inert(text, 'nothing is encrypted in an archive'),
  RetentionDays: emulated(integer),
  SourceArn: required(replacing(emulated(text))),
};

/** An archive of an event bus. */
export const eventsArchive = define({
  type: 'AWS::Events::Archive',
  properties,
  create(resource, context: ResourceContext<Events>) {
    const name = nameOf(resource);
    const { SourceArn, ...settings } = settingsOf(resource.properties);
    context.service.createArchive({ ...settings, ArchiveName: name, EventSourceArn: SourceArn }, context.call);
    return { ref: name, attributes: { Arn: formatArn('events', context.region, context.account, `archive/${name}`) } };
  },
  update({ ref, attributes, properties: given }, context: ResourceContext<Events>) {
    const { SourceArn: _sourceArn, ...settings } = settingsOf(given);
    context.service.updateArchive({ ...settings, ArchiveName: ref }, context.call);
    return { ref, attributes };
  },
  delete({ ref }, { service, call }: ResourceContext<Events>) {
    unlessGone(() => service.deleteArchive({ ArchiveName: ref }, call), 'ResourceNotFoundException');
  },
});

function settingsOf({ ArchiveName: _name, EventPattern, ...given }: Values<typeof properties>) {
  return { ...given, EventPattern: EventPattern && JSON.stringify(EventPattern) };
}

function nameOf({ properties: { ArchiveName }, name }: NewResource<Values<typeof properties>>): string {
  return ArchiveName ?? name({ longest: 48 });
}
