import { RegionInfo } from 'aws-cdk-lib/region-info';

/**
 * The service principal that SNS delivers with from a topic's Region to a queue's. Across Regions, one that accounts
 * must opt in to gives its name: the queue's Region before the topic's. Undefined is a Region known only at deployment.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
 */
export function snsPrincipal(topicRegion: string | undefined, queueRegion: string | undefined): string {
  if (topicRegion === undefined || queueRegion === undefined || topicRegion === queueRegion) return 'sns.amazonaws.com';
  const optIn = [queueRegion, topicRegion].find((region) => RegionInfo.get(region).isOptInRegion);
  return optIn === undefined ? 'sns.amazonaws.com' : `sns.${optIn}.amazonaws.com`;
}
