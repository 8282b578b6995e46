import { AutoScaling } from '@aws-sdk/client-auto-scaling';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { SQS } from '@aws-sdk/client-sqs';
import { Emulator, type EmulatorOptions, type TimelineEvent, VirtualClock } from '../../../lib/emulator';
import { DeployedResources, type JsonObject, type StackReport } from '../../../lib/emulator/cloudformation';
import { assemblyOf } from './support';

const emulators: Emulator[] = [];
afterEach(() => Promise.all(emulators.splice(0).map((emulator) => emulator.stop())));

/** An emulator in which versions of stacks are loaded one after the other, each from a folder of its own. */
export function cloudOfVersions(options: EmulatorOptions = {}) {
  const clock = new VirtualClock();
  const emulator = new Emulator({ clock, ...options });
  emulators.push(emulator);
  const events: TimelineEvent[] = [];
  emulator.timeline.subscribe((event) => void events.push(event));
  const config = emulator.clientConfig();
  const clients = {
    sqs: new SQS(config),
    lambda: new Lambda(config),
    cloudWatch: new CloudWatch(config),
    autoScaling: new AutoScaling(config),
    kms: new KMS(config),
  };
  const load = async (stacks: Record<string, JsonObject>, environment?: string): Promise<StackReport[]> => {
    const { directory } = assemblyOf(stacks, environment);
    return emulator.load(directory);
  };
  /** Loads a version of the stack `App`, of its resources. Gives what was done with each. */
  const app = async (Resources: JsonObject, more: JsonObject = {}): Promise<Record<string, string>> => {
    const [report] = await load({ App: { Resources, ...more } });
    const removed = report.removed.map(({ logicalId, retained, failure }): [string, string] => {
      return [`-${logicalId}`, failure ?? (retained ? 'retained' : 'deleted')];
    });
    return Object.fromEntries([
      ...report.resources.map(({ logicalId, action }): [string, string] => [logicalId, action]),
      ...removed,
    ]);
  };
  const resource = (logicalId: string) => {
    const found = new DeployedResources(emulator.reports).byLogicalId(logicalId);
    if (found === undefined) throw new Error(`there is no ${logicalId}`);
    return found;
  };
  const attributes = async (logicalId: string) => {
    const QueueUrl = resource(logicalId).physicalId;
    return (await clients.sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })).Attributes ?? {};
  };
  const queueNames = async () =>
    ((await clients.sqs.listQueues({})).QueueUrls ?? []).map((url) => url.slice(url.lastIndexOf('/') + 1));
  return { ...clients, clock, emulator, events, load, app, resource, attributes, queueNames };
}

/** A queue of a template. */
export const queue = (Properties: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  Type: 'AWS::SQS::Queue',
  Properties,
  ...more,
});

/** The ARN of another resource of a template. */
export const arn = (logicalId: string): JsonObject => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
