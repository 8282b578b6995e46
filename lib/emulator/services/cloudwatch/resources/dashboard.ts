import { formatArn } from '../../../core';
import type { DeploymentContext } from '../../../cloudformation/provider/deployment-context';
import { emulated, naming, required, text, type Values } from '../../../cloudformation/provider/shapes';
import { changeTags } from './tags';
import type { CreatedResource, NewResource } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagList } from '../../../cloudformation/provider/tags';

const properties = {
  DashboardBody: required(emulated(text, 'kept and checked; there is no console to show it')),
  DashboardName: naming(emulated(text)),
  Tags: emulated(tagList),
};

/** A dashboard, to be read back. */
export const cloudWatchDashboard = define({
  type: 'AWS::CloudWatch::Dashboard',
  properties,
  unique: {
    within: 'account',
    name: nameOf,
    exists(resource, cloud) {
      const name = nameOf(resource);
      const { DashboardEntries = [] } = cloud.cloudWatch.listDashboards({ DashboardNamePrefix: name }, cloud.call);
      return DashboardEntries.some(({ DashboardName }) => DashboardName === name);
    },
  },
  create(resource, cloud) {
    const created = put(resource, cloud);
    cloud.cloudWatch.setSystemTags(arnOf(created.ref, cloud), resource.systemTags);
    return created;
  },
  update(resource, cloud) {
    const updated = put(resource, cloud);
    changeTags(arnOf(updated.ref, cloud), resource.previous.Tags, resource.properties.Tags, cloud);
    return updated;
  },
  delete({ ref }, cloud) {
    unlessGone(
      () => cloud.cloudWatch.deleteDashboards({ DashboardNames: [ref] }, cloud.call),
      'DashboardNotFoundError',
    );
  },
});

function arnOf(name: string, cloud: DeploymentContext): string {
  return formatArn('cloudwatch', '', cloud.account, `dashboard/${name}`);
}

function nameOf({ properties: { DashboardName }, name }: NewResource<Values<typeof properties>>): string {
  return DashboardName ?? name({ longest: 255 });
}

function put(resource: NewResource<Values<typeof properties>>, cloud: DeploymentContext): CreatedResource {
  const name = nameOf(resource);
  cloud.cloudWatch.putDashboard({ ...resource.properties, DashboardName: name }, cloud.call);
  return { ref: name, attributes: { DashboardName: name } };
}
