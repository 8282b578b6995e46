import type { AssemblyStack } from './assembly';
import type { DeploymentContext } from './provider/deployment-context';
import { DeploymentError } from './deployment-error';
import { removeStack } from './removal';
import type { RemovedResource, StackReport } from './provider/report';
import { StackDeployment } from './stack-deployment';

export interface DeployOptions {
  /**
   * Whether to refuse a stack that has a resource or a property which the emulator does not support.
   *
   * @default false
   */
  readonly strict?: boolean;
  /**
   * Values for the template's parameters.
   *
   * @default - those that the assembly gives, and the template's defaults
   */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Creates a stack, or updates the one of that name: what did not change is left alone, what did is changed in place or
 * replaced as CloudFormation would, and what is left over is deleted at the end. It takes no emulated time.
 *
 * @throws {DeploymentError} where CloudFormation, or a service, would refuse it: one line that says where. What had been
 * done is undone by then.
 */
export async function deploy(
  stack: AssemblyStack,
  context: DeploymentContext,
  options: DeployOptions = {},
): Promise<StackReport> {
  const { stackName, template, paths } = stack;
  const parameters = { ...stack.parameters, ...options.parameters };
  const source = { stackName, template, parameters, paths };
  const deployment = new StackDeployment(source, context, options.strict ?? false, context.stacks.find(stackName));
  try {
    await deployment.apply();
    deployment.begin();
  } catch (error) {
    throw await deployment.rollBack(error);
  }
  await deployment.cleanUp();
  return deployment.report();
}

/**
 * Deletes a stack with all that its policies don't retain.
 *
 * @throws {DeploymentError} where there is no such stack, another one uses its exports, or a resource cannot be deleted
 */
export async function undeploy(stackName: string, context: DeploymentContext): Promise<RemovedResource[]> {
  const stack = context.stacks.find(stackName);
  if (stack === undefined) throw new DeploymentError(stackName, '', 'there is no such stack');
  const removed = await removeStack(stack, context);
  const failed = removed.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return removed;
  const reasons = failed.map(({ logicalId, failure }) => `${logicalId}: ${failure}`);
  throw new DeploymentError(stackName, '', `these resources could not be deleted: ${reasons.join('; ')}`);
}
