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

/** The outcome of a deployment for a resource. */
export type Action = 'created' | 'updated' | 'replaced' | 'unchanged';

export interface ResourceReport {
  readonly logicalId: string;
  /** The construct's path without a leading slash, if the CDK noted one: `Videos/Queue/Resource`. */
  readonly path?: string;
  readonly type: string;
  /** The value of `Ref`: a queue's URL, an alarm's name. */
  readonly physicalId: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes: Readonly<Record<string, Json>>;
  readonly status: Status;
  readonly note?: string;
  readonly properties: readonly PropertyReport[];
  readonly action: Action;
}

/** A resource that was removed from a stack. */
export interface RemovedResource extends Pick<ResourceReport, 'logicalId' | 'path' | 'type' | 'physicalId'> {
  /** Whether it still exists, because its policy retains it. */
  readonly retained: boolean;
  /** The reason why it could not be deleted; it still exists then. */
  readonly failure?: string;
}

/** The outcome of a deployment for a stack. */
export interface StackReport {
  readonly stackName: string;
  /** The account it was deployed to, 12 digits, and the Region. */
  readonly account: string;
  readonly region: string;
  /** Whether the stack existed before. */
  readonly action: 'created' | 'updated';
  /** The resources, in dependency order. */
  readonly resources: readonly ResourceReport[];
  /** The resources that an update removed or replaced. */
  readonly removed: readonly RemovedResource[];
  readonly outputs: Readonly<Record<string, string>>;
  /** The nested stacks of this stack. */
  readonly nested: readonly StackReport[];
}
