import type { CloudWatch } from '../cloudwatch';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { tagChanges, type TagList } from '../../../cloudformation/provider/tags';

/** Gives a resource of CloudWatch the tags of its new properties: its own actions set tags only when they create it. */
export function changeTags(
  arn: string,
  before: TagList | undefined,
  after: TagList | undefined,
  context: ResourceContext<CloudWatch>,
): void {
  const { added, removed } = tagChanges(before, after);
  const { service: cloudWatch, call } = context;
  if (removed.length > 0) cloudWatch.untagResource({ ResourceARN: arn, TagKeys: removed }, call);
  const tags = Object.entries(added).map(([Key, Value]) => ({ Key, Value }));
  if (tags.length > 0) cloudWatch.tagResource({ ResourceARN: arn, Tags: tags }, call);
}
