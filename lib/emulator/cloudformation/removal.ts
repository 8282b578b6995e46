import type { DeploymentContext } from './provider/deployment-context';
import type { StackResource, DeployedStack } from './deployed-stack';
import { DeploymentError } from './deployment-error';
import { outputKey } from './provider/deployment-context';
import type { RemovedResource } from './provider/report';
import { StackEvents } from './stack-events';
import type { RemovalPolicy } from './template';

/** A resource to delete, unless its policy retains it. */
export interface Leftover {
  readonly resource: StackResource;
  readonly policy: RemovalPolicy;
}

/** Deletes resources in the given order. One that cannot be deleted stays, as in CloudFormation's cleanup. */
export async function removeResources(
  leftovers: readonly Leftover[],
  context: DeploymentContext,
  events: StackEvents,
): Promise<RemovedResource[]> {
  const removed: RemovedResource[] = [];
  for (const { resource, policy } of leftovers) {
    const { logicalId, path, type, physicalId } = resource.report;
    const identity = { logicalId, path, type, physicalId };
    if (policy === 'Retain' || policy === 'RetainExceptOnCreate') {
      events.resource('DELETE_SKIPPED', identity);
      disown(resource, context);
      removed.push({ ...identity, retained: true });
      continue;
    }
    try {
      await deleteResource(resource, context);
      events.resource('DELETE_COMPLETE', identity);
      removed.push({ ...identity, retained: false });
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      events.resource('DELETE_FAILED', identity, failure);
      removed.push({ ...identity, retained: false, failure });
    }
  }
  return removed;
}

/** Ends a stack's ownership of a retained resource. */
export function disown({ ownership }: StackResource, context: DeploymentContext): void {
  if (ownership !== undefined) context.owners.release(ownership.identity, ownership.owner);
}

/** Deletes a resource. Does nothing for a placeholder, and for what belongs to another resource by now. */
export async function deleteResource(resource: StackResource, context: DeploymentContext): Promise<void> {
  const { report, provider, properties, nested, ownership } = resource;
  if (nested !== undefined) return void (await removeStack(nested, context));
  if (report.status === 'unsupported') return;
  if (ownership !== undefined && !context.owners.owns(ownership.identity, ownership.owner)) return;
  const { logicalId, physicalId: ref, attributes } = report;
  await provider?.delete?.({ logicalId, ref, attributes, properties }, context);
  disown(resource, context);
}

/**
 * Deletes a stack's resources, those that depend on others first.
 *
 * @throws {DeploymentError} before anything is deleted, where another stack uses its exports
 */
export async function removeStack(stack: DeployedStack, context: DeploymentContext): Promise<RemovedResource[]> {
  const { stackName } = stack;
  for (const name of stack.exports.keys()) {
    const users = context.stacks.importing(name).filter((user) => user !== stackName);
    if (users.length === 0) continue;
    const problem = `Delete canceled. Cannot delete export ${name} as it is in use by ${users.join(', ')}.`;
    throw new DeploymentError(stackName, '', problem);
  }
  const events = new StackEvents(context, stack);
  const resources = [...stack.resources.values()].reverse();
  const leftovers = resources.map((resource) => ({ resource, policy: resource.deletionPolicy }));
  const removed = await removeResources(leftovers, context, events);
  if (removed.some(({ failure }) => failure !== undefined)) {
    events.stack('DELETE_FAILED');
    return removed;
  }
  forget(stack, context);
  events.stack('DELETE_COMPLETE');
  return removed;
}

/** Removes a stack and its outputs from the list. */
export function forget(stack: DeployedStack, context: DeploymentContext): void {
  context.stacks.remove(stack.stackName);
  for (const name of Object.keys(stack.outputs)) {
    context.outputs.delete(outputKey(context.account, context.region, stack.stackName, name));
  }
}

/** Adds a stack and its outputs to the list, or replaces its earlier version. */
export function remember(stack: DeployedStack, context: DeploymentContext): void {
  const before = context.stacks.find(stack.stackName);
  if (before !== undefined) forget(before, context);
  context.stacks.put(stack);
  for (const [name, value] of Object.entries(stack.outputs)) {
    context.outputs.set(outputKey(context.account, context.region, stack.stackName, name), value);
  }
}
