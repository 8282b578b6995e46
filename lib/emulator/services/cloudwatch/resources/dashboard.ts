import type { CloudWatch } from '../cloudwatch';
import { formatArn } from '../../../core';
import { emulated, naming, required, text, type Values } from '../../../cloudformation/provider/shapes';
import { changeTags } from './tags';
import type { CreatedResource, NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagList } from '../../../cloudformation/provider/tags';

const properties = {
  DashboardBody: required(emulated(text, 'kept and checked; there is no console to show it')),
  DashboardName: naming(emulated(text)),
  Tags: emulated(tagList),
};

/** A dashboard. It is stored and can be read back, and is not rendered. */
export const cloudWatchDashboard = define({
  type: 'AWS::CloudWatch::Dashboard',
  properties,
  unique: {
    within: 'account',
    name: nameOf,
    exists(resource, context: ResourceContext<CloudWatch>) {
      const name = nameOf(resource);
      const { DashboardEntries = [] } = context.service.listDashboards({ DashboardNamePrefix: name }, context.call);
      return DashboardEntries.some(({ DashboardName }) => DashboardName === name);
    },
  },
  create(resource, context: ResourceContext<CloudWatch>) {
    const created = put(resource, context);
    context.service.setSystemTags(arnOf(created.ref, context), resource.systemTags);
    return created;
  },
  update(resource, context: ResourceContext<CloudWatch>) {
    const updated = put(resource, context);
    changeTags(arnOf(updated.ref, context), resource.previous.Tags, resource.properties.Tags, context);
    return updated;
  },
  delete({ ref }, context: ResourceContext<CloudWatch>) {
    unlessGone(
      () => context.service.deleteDashboards({ DashboardNames: [ref] }, context.call),
      'DashboardNotFoundError',
    );
  },
});

function arnOf(name: string, context: ResourceContext<CloudWatch>): string {
  return formatArn('cloudwatch', '', context.account, `dashboard/${name}`);
}

function nameOf({ properties: { DashboardName }, name }: NewResource<Values<typeof properties>>): string {
  return DashboardName ?? name({ longest: 255 });
}

function put(resource: NewResource<Values<typeof properties>>, context: ResourceContext<CloudWatch>): CreatedResource {
  const name = nameOf(resource);
  context.service.putDashboard({ ...resource.properties, DashboardName: name }, context.call);
  return { ref: name, attributes: { DashboardName: name } };
}
