import type { Json } from './json';

/**
 * How far the emulator acts on a resource or a property: `emulated`, it does; `inert`, it accepts it, and nothing
 * follows; `unsupported`, it does not know it, and the stack may not behave as on AWS.
 */
export type Status = 'emulated' | 'inert' | 'unsupported';

export interface PropertyReport {
  /** The property's name; within an object, dotted: `LaunchTemplateData.BlockDeviceMappings`. */
  readonly name: string;
  readonly status: Status;
  readonly note?: string;
}

/** What a deployment did with a resource. */
export type Action = 'created' | 'updated' | 'replaced' | 'unchanged';

export interface ResourceReport {
  readonly logicalId: string;
  /** The path of the construct, without a leading slash, where the CDK noted one: `Videos/Queue/Resource`. */
  readonly path?: string;
  readonly type: string;
  /** What `Ref` gives: a queue's URL, an alarm's name. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, Json>>;
  readonly status: Status;
  readonly note?: string;
  readonly properties: readonly PropertyReport[];
  readonly action: Action;
}

/** A resource that a stack had and no longer has. */
export interface RemovedResource extends Pick<ResourceReport, 'logicalId' | 'path' | 'type' | 'physicalId'> {
  /** Whether it is there still, as its policy is to retain it. */
  readonly retained: boolean;
  /** Why it could not be deleted, where it could not: it is there still. */
  readonly failure?: string;
}

/** What became of a stack. */
export interface StackReport {
  readonly stackName: string;
  /** Where it was deployed to: 12 digits, and a region's name. */
  readonly account: string;
  readonly region: string;
  /** Whether the stack was there before. */
  readonly action: 'created' | 'updated';
  /** Each after those that it depends on. */
  readonly resources: readonly ResourceReport[];
  /** Those that an update left no place for: taken out of the template, or replaced by others. */
  readonly removed: readonly RemovedResource[];
  readonly outputs: Readonly<Record<string, string>>;
  /** The stacks that this one's `AWS::CloudFormation::Stack` resources created. */
  readonly nested: readonly StackReport[];
}
