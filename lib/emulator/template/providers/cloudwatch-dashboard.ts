import { formatArn } from '../../api';
import type { Cloud } from '../cloud';
import { emulated, naming, required, text, type Values } from '../shapes';
import { changeTags } from './cloudwatch-tags';
import type { CreatedResource, NewResource } from './contract';
import { define } from './define';
import { unlessGone } from './gone';
import { tagList } from './tags';

const properties = {
  DashboardBody: required(emulated(text, 'kept and checked; there is no console to show it')),
  DashboardName: naming(emulated(text)),
  Tags: emulated(tagList),
};

/** A dashboard, to be read back. */
export const cloudWatchDashboard = define({
  type: 'AWS::CloudWatch::Dashboard',
  properties,
  create: put,
  update(resource, cloud) {
    const updated = put(resource, cloud);
    const arn = formatArn('cloudwatch', '', cloud.account, `dashboard/${updated.ref}`);
    changeTags(arn, resource.previous.Tags, resource.properties.Tags, cloud);
    return updated;
  },
  delete({ ref }, cloud) {
    unlessGone(
      () => cloud.cloudWatch.deleteDashboards({ DashboardNames: [ref] }, cloud.call),
      'DashboardNotFoundError',
    );
  },
});

function put(resource: NewResource<Values<typeof properties>>, cloud: Cloud): CreatedResource {
  const { DashboardName: name = resource.name({ longest: 255 }), ...given } = resource.properties;
  cloud.cloudWatch.putDashboard({ ...given, DashboardName: name }, cloud.call);
  return { ref: name, attributes: { DashboardName: name } };
}
