import type { StackReport } from '../../lib/emulator';

/** The names of `--run` that are of no deployed function. */
export function unusedCommands(
  commands: Readonly<Record<string, string>>,
  reports: readonly StackReport[],
): readonly string[] {
  const names = new Set(reports.flatMap(functionNames));
  return Object.keys(commands).filter((name) => !names.has(name));
}

/** What the functions of a stack may be called: by name, logical id, and construct path with and without the stack. */
function functionNames({ resources, nested }: StackReport): string[] {
  const own = resources
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .flatMap(({ physicalId, logicalId, path = '' }) => {
      const construct = path.replace(/\/Resource$/, '');
      return [physicalId, logicalId, construct, construct.slice(construct.indexOf('/') + 1)];
    });
  return [...own, ...nested.flatMap(functionNames)];
}
