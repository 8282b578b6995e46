/** The Regions that accounts must opt in to. */
const OPT_IN: ReadonlySet<string> = new Set([
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
]);

/**
 * The principal with which SNS delivers from a topic's Region to another: if one of the two is an opt-in Region, that
 * Region's own, the target's before the topic's.
 */
export function servicePrincipal(topicRegion: string, targetRegion: string): string {
  if (topicRegion === targetRegion) return 'sns.amazonaws.com';
  const optIn = [targetRegion, topicRegion].find((region) => OPT_IN.has(region));
  return optIn === undefined ? 'sns.amazonaws.com' : `sns.${optIn}.amazonaws.com`;
}
