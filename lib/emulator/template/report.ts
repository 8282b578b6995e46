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
}

/** What became of a stack. */
export interface StackReport {
  readonly stackName: string;
  /** Where it was deployed to: 12 digits, and a region's name. */
  readonly account: string;
  readonly region: string;
  /** In the order in which they were created. */
  readonly resources: readonly ResourceReport[];
  readonly outputs: Readonly<Record<string, string>>;
  /** The stacks that this one's `AWS::CloudFormation::Stack` resources created. */
  readonly nested: readonly StackReport[];
}
