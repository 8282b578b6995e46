import type { DeploymentContext } from './provider/deployment-context';
import type { DeployedStack } from './deployed-stack';
import { mapOfEntries } from './provider/json';
import type { Evaluator } from './intrinsics/evaluator';
import type { Template } from './template';

export type Outputs = Pick<DeployedStack, 'outputs' | 'exports'>;

/** The values of a stack's outputs and exports. */
export function evaluateOutputs(template: Template, evaluator: Evaluator): Outputs {
  const outputs = mapOfEntries<string>([]);
  const exports = new Map<string, string>();
  for (const [name, output] of Object.entries(template.outputs)) {
    const path = `Outputs.${name}`;
    if (output.condition !== undefined && !evaluator.condition(output.condition, `${path}.Condition`)) continue;
    const expression = evaluator.prune(output.value, `${path}.Value`);
    if (expression === undefined) continue;
    const value = evaluator.text(expression, `${path}.Value`);
    outputs[name] = value;
    if (output.exportName === undefined) continue;
    const exportName = evaluator.text(output.exportName, `${path}.Export.Name`);
    if (exports.has(exportName)) evaluator.fail(`${path}.Export.Name`, `${exportName} is exported twice`);
    exports.set(exportName, value);
  }
  return { outputs, exports };
}

/**
 * Why the exports of a stack cannot be what they are to be, in CloudFormation's words: a name is another stack's, or one
 * that other stacks use would change.
 */
export function refuseExports(
  stackName: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  stacks: DeploymentContext['stacks'],
): string | undefined {
  for (const name of after.keys()) {
    const owner = stacks.exported(name)?.stackName;
    if (owner !== undefined && owner !== stackName) {
      return `Export with name ${name} is already exported by stack ${owner}`;
    }
  }
  for (const [name, value] of before) {
    if (after.get(name) === value) continue;
    const users = stacks.importing(name).filter((user) => user !== stackName);
    if (users.length === 0) continue;
    const by = users.join(', ');
    return after.has(name)
      ? `Export ${name} cannot be updated as it is in use by ${by}`
      : `Cannot delete export ${name} as it is in use by ${by}`;
  }
  return undefined;
}
