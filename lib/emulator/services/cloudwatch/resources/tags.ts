import type { DeploymentContext } from '../../../cloudformation/provider/deployment-context';
import { tagChanges, type TagList } from '../../../cloudformation/provider/tags';

/** Gives a resource of CloudWatch the tags of its new properties: its own actions set tags only when they create it. */
export function changeTags(
  arn: string,
  before: TagList | undefined,
  after: TagList | undefined,
  cloud: DeploymentContext,
): void {
  const { added, removed } = tagChanges(before, after);
  const { cloudWatch, call } = cloud;
  if (removed.length > 0) cloudWatch.untagResource({ ResourceARN: arn, TagKeys: removed }, call);
  const tags = Object.entries(added).map(([Key, Value]) => ({ Key, Value }));
  if (tags.length > 0) cloudWatch.tagResource({ ResourceARN: arn, Tags: tags }, call);
}
