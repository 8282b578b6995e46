import { type AssemblyStack, DeploymentError } from '../cloudformation';

/**
 * The stacks that the patterns choose, with all that they depend on, in deployment order.
 * @param patterns ids or names, such as `Prod/*`: `*` stands for any characters but slashes, `**` for any
 * @throws {DeploymentError} if a pattern chooses none
 */
export function chosenStacks(stacks: readonly AssemblyStack[], patterns: readonly string[]): readonly AssemblyStack[] {
  if (patterns.length === 0) return stacks;
  const chosen = new Set<string>();
  for (const pattern of patterns) {
    const expression = globOf(pattern);
    const matching = stacks.filter(({ id, stackName }) => expression.test(id) || expression.test(stackName));
    if (matching.length === 0) {
      const all = stacks.map(({ id }) => id).join(', ') || 'none';
      throw new DeploymentError(pattern, '', `no stack has this id or name; stacks: ${all}`);
    }
    for (const { id } of matching) chosen.add(id);
  }
  for (const { id, dependencies } of [...stacks].reverse()) {
    if (chosen.has(id)) for (const dependency of dependencies) chosen.add(dependency);
  }
  return stacks.filter(({ id }) => chosen.has(id));
}

/**
 * The parameters that are given to a stack.
 * @param given by name, or by `Stack:Name`, which goes before
 */
export function parametersOf(
  { id, stackName, template }: AssemblyStack,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const general: [string, string][] = [];
  const own: [string, string][] = [];
  for (const [key, value] of Object.entries(given)) {
    const colon = key.lastIndexOf(':');
    if (colon === -1 && Object.hasOwn(template.parameters, key)) general.push([key, value]);
    if (colon !== -1 && [id, stackName].includes(key.slice(0, colon))) own.push([key.slice(colon + 1), value]);
  }
  return Object.fromEntries([...general, ...own]);
}

/**
 * Checks that there is a use for each given parameter.
 * @throws {DeploymentError} if no stack has it
 */
export function checkParameters(stacks: readonly AssemblyStack[], given: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(given)) {
    const colon = key.lastIndexOf(':');
    const known = stacks.some(({ id, stackName, template }) =>
      colon === -1 ? Object.hasOwn(template.parameters, key) : [id, stackName].includes(key.slice(0, colon)),
    );
    if (known) continue;
    const all = stacks.flatMap(({ id, template }) => Object.keys(template.parameters).map((name) => `${id}:${name}`));
    throw new DeploymentError(key, '', `no stack has this parameter; parameters: ${all.join(', ') || 'none'}`);
  }
}

function globOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*{1,2})/).map((part) => {
    if (part === '*') return '[^/]*';
    return part === '**' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
