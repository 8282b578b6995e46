interface Json {
  readonly [key: string]: unknown;
}

const PLACEHOLDER = /\$\{([^!}][^}]*)\}/g;

/** A way around a template's resources that leads back to where it began, as logical ids; undefined when there is none. */
export function dependencyCycle({
  Resources = {},
}: {
  readonly Resources?: Record<string, Json>;
}): string[] | undefined {
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (done.has(id)) return undefined;
    for (const next of dependencies(Resources[id], Resources)) {
      const cycle = visit(next, [...path, id]);
      if (cycle !== undefined) return cycle;
    }
    done.add(id);
    return undefined;
  };
  for (const id of Object.keys(Resources)) {
    const cycle = visit(id, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** The resources that a resource needs: DependsOn, Ref, Fn::GetAtt and the placeholders of Fn::Sub. */
function dependencies(resource: Json, resources: Record<string, Json>): string[] {
  const found = new Set<string>([resource.DependsOn ?? []].flat() as string[]);
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (value === null || typeof value !== 'object') return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'Ref') found.add(inner as string);
      else if (key === 'Fn::GetAtt') found.add(([inner].flat()[0] as string).split('.')[0]);
      else {
        if (key === 'Fn::Sub') names([inner].flat()[0] as string).forEach((name) => found.add(name));
        walk(inner);
      }
    }
  };
  walk(resource.Properties);
  return [...found].filter((id) => id in resources);
}

function names(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name]) => name.split('.')[0]);
}
