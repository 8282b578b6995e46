import type { CloudWatch } from '../cloudwatch';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { tagChanges, type TagList } from '../../../cloudformation/provider/tags';

/** Updates a resource's tags from its new properties: the Put actions set tags only on creation. */
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
