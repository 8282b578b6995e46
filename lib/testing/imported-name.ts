import type { ResourceReference } from '../emulator/testing';

const TOKEN = '${Token[';

/**
 * The text by which an imported construct names its resource: its ARN, or the name if the ARN's account or Region are
 * known only at deployment. Undefined for a construct of a resource that is in the app, whose ARN is one token.
 * @param property `topicArn`
 * @param nameIn returns the name in an ARN
 */
export function importedName(
  reference: Exclude<ResourceReference, string>,
  property: string | undefined,
  nameIn: (text: string) => string,
): string | undefined {
  // Callers without types may pass anything.
  const arn = (reference as unknown as Readonly<Record<string, unknown>> | undefined)?.[property ?? ''];
  if (typeof arn !== 'string') return undefined;
  const known = arn.includes(TOKEN) ? nameIn(arn) : arn;
  return known.includes(TOKEN) ? undefined : known;
}
