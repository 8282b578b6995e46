/**
 * `ids` so that each comes after all that it depends on, otherwise in the order given; or the cycle that forbids it,
 * which begins and ends with the same id.
 */
export function inDependencyOrder(
  ids: readonly string[],
  dependenciesOf: (id: string) => Iterable<string>,
): { order: string[] } | { cycle: string[] } {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): string[] | undefined => {
    if (done.has(id)) return undefined;
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    path.push(id);
    for (const dependency of dependenciesOf(id)) {
      const cycle = visit(dependency);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(id);
    return undefined;
  };
  for (const id of ids) {
    const cycle = visit(id);
    if (cycle !== undefined) return { cycle };
  }
  return { order: [...done] };
}
