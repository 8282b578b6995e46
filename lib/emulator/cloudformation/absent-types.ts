/** Why a type of resource that no provider has is not there, by how its name begins: the longest that fits. */
const NOTES: readonly (readonly [prefix: string, note: string])[] = [
  ['AWS::ApiGateway', 'there are no HTTP endpoints of an API'],
  ['AWS::ApplicationAutoScaling::', 'only EC2 Auto Scaling groups scale'],
  ['AWS::Batch::', 'containers are not run'],
  ['AWS::CloudFormation::CustomResource', 'custom resources are not run: what its function would do is not done'],
  ['AWS::EC2::Instance', 'only instances of Auto Scaling groups run'],
  ['AWS::ECS::', 'containers are not run'],
  ['AWS::Events::', 'API destinations, connections and endpoints are not emulated'],
  ['AWS::Kinesis::', 'there are no streams'],
  ['AWS::Lambda::Url', 'functions have no HTTP endpoints'],
  ['AWS::Pipes::', 'nothing is moved by a pipe'],
  ['AWS::S3::', 'there are no objects, and no notifications of them'],
  ['AWS::StepFunctions::', 'no state machine runs'],
  ['Custom::', 'custom resources are not run: what its function would do is not done'],
];

/** What a report says of a resource of a type that the emulator does not know. */
export function absentTypeNote(type: string): string {
  const known = NOTES.find(([prefix]) => type.startsWith(prefix));
  return known === undefined ? 'the emulator has no such resources' : known[1];
}
