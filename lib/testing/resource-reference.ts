/**
 * Names a resource: by its construct (an L2, an L1, or one of ours that holds it, such as a StandardQueue), by its
 * logical id, by its construct's path (in full, or within its stack), or by its name, ARN or queue URL.
 */
export type ResourceReference = string | { readonly node: { readonly path: string } };

/** The kinds of resources that a test can look at. */
export type ResourceKind = 'queue' | 'group' | 'alarm' | 'function' | 'key';

/** A kind's name, its CloudFormation types, and the property by which constructs hold one. */
export const KINDS: Readonly<
  Record<ResourceKind, { readonly name: string; readonly types: readonly string[]; readonly held: readonly string[] }>
> = {
  queue: { name: 'queue', types: ['AWS::SQS::Queue'], held: ['queue'] },
  group: {
    name: 'Auto Scaling group',
    types: ['AWS::AutoScaling::AutoScalingGroup'],
    held: ['autoScalingGroup'],
  },
  alarm: { name: 'alarm', types: ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'], held: ['alarm'] },
  key: { name: 'KMS key', types: ['AWS::KMS::Key'], held: ['encryptionKey', 'key'] },
  function: { name: 'function', types: ['AWS::Lambda::Function'], held: ['function', 'handler'] },
};
