import { nameOf, unsupportedLines } from './format-report';
import type { RemovedResource, StackReport } from './provider/report';

const CHANGES = ['created', 'updated', 'replaced'] as const;
type Line = readonly [what: string, type: string, name: string];

/**
 * What an update did to a stack, as lines of text: the counts, then each resource that was created, changed, replaced or
 * deleted, and, marked with `!`, what the emulator does not support of these.
 */
export function formatChanges(report: StackReport): string {
  const { stackName, resources, removed } = report;
  const changed = resources.filter(({ action }) => action !== 'unchanged');
  const lines = CHANGES.flatMap((action) =>
    resources
      .filter((resource) => resource.action === action)
      .map((resource): Line => [action, resource.type, nameOf(resource)]),
  );
  const replaced = new Set(resources.flatMap(({ action, logicalId }) => (action === 'replaced' ? [logicalId] : [])));
  // Those that were replaced are told above, unless something is left of them.
  const leftovers = removed.filter(({ logicalId, ...one }) => !replaced.has(logicalId) || isLeft(one));
  lines.push(...leftovers.map((resource): Line => [fate(resource), resource.type, nameOf(resource)]));
  const counts = [
    ...CHANGES.map((action) => `${resources.filter((resource) => resource.action === action).length} ${action}`),
    `${removed.filter((resource) => !isLeft(resource) && !replaced.has(resource.logicalId)).length} deleted`,
    `${resources.length - changed.length} unchanged`,
  ];
  const widths = [0, 1].map((column) => Math.max(0, ...lines.map((line) => line[column].length)));
  return [
    `${stackName}: ${counts.join(', ')}`,
    ...lines.map(([what, type, name]) => `    ${what.padEnd(widths[0])}  ${type.padEnd(widths[1])}  ${name}`),
    ...unsupportedLines(changed),
    ...report.nested.map(formatChanges),
  ].join('\n');
}

function isLeft({ retained, failure }: Pick<RemovedResource, 'retained' | 'failure'>): boolean {
  return retained || failure !== undefined;
}

function fate({ retained, failure }: RemovedResource): string {
  if (failure !== undefined) return `not deleted (${failure})`;
  return retained ? 'retained' : 'deleted';
}
