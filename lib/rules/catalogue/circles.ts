import { type Deployment } from '../template/deployment';
import { type Resource } from '../template/resource';
import { check, type Subject, type TemplateRule } from './template-rule';

interface Circle extends Subject {
  /** The property that leads into the circle. */
  readonly property: string;
  /** From the resource back to itself. */
  readonly path: readonly Resource[];
}

const SUBJECTS = ['AWS::SQS::Queue', 'AWS::KMS::Key'];

/** Each shortest way from a queue, or a key, back to itself; one for each circle. */
function* circles(app: Deployment): Iterable<Circle> {
  const known = new Map<Resource, ReadonlySet<Resource>>();
  const needs = (resource: Resource) => {
    const found = known.get(resource) ?? needsOf(app, resource);
    known.set(resource, found);
    return found;
  };
  const seen = new Set<Resource>();
  for (const resource of SUBJECTS.flatMap((type) => app.ofType(type))) {
    if (seen.has(resource)) continue;
    const path = wayBack(resource, needs);
    if (path === undefined) continue;
    for (const one of path) seen.add(one);
    const [, next] = path;
    const property = Object.entries(resource.properties).find(([, value]) =>
      [...app.targets(value, resource.stack)].includes(next),
    )?.[0];
    yield { resource, property: property ?? 'DependsOn', path };
  }
}

/** What must exist before a resource. A queue that is its own dead-letter queue has a rule of its own. */
function needsOf(app: Deployment, resource: Resource): ReadonlySet<Resource> {
  const { properties, dependsOn, stack } = resource;
  const all = [
    ...app.targets(properties, stack),
    ...app.targets(
      dependsOn.map((id) => ({ Ref: id })),
      stack,
    ),
  ];
  return new Set(all.filter((one) => one !== resource));
}

function wayBack(start: Resource, needs: (resource: Resource) => ReadonlySet<Resource>): Resource[] | undefined {
  const cameFrom = new Map<Resource, Resource>();
  const ahead = [start];
  for (const resource of ahead) {
    for (const next of needs(resource)) {
      if (next === start) return way(resource, start, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, resource);
      ahead.push(next);
    }
  }
  return undefined;
}

function way(last: Resource, start: Resource, cameFrom: ReadonlyMap<Resource, Resource>): Resource[] {
  const path = [start];
  for (let one: Resource | undefined = last; one !== undefined && one !== start; one = cameFrom.get(one)) {
    path.splice(1, 0, one);
  }
  return [...path, start];
}

const RULES: readonly TemplateRule<Circle>[] = [
  {
    id: 'Spillway-Stack-CircularReference',
    property: ({ property }) => property,
    broken: () => true,
    message: ({ path }) =>
      `must not lead back to the resource itself, but does: ${path.map((one) => one.path).join(' -> ')}; CloudFormation can create none of them first and refuses the template. Write one of the ARNs out, from a name that you choose`,
  },
];

/** What is created before what: queues and keys that need each other. */
export const CIRCLES = check(circles, RULES);
