import { formatArn } from '../../core';
import type { DeploymentContext } from '../provider/deployment-context';
import type { Json, JsonObject } from '../provider/json';
import type { CreatedResource, NewResource, Provider } from '../provider/contract';

/** What a kind of resource that nothing comes of is called, and what it tells of itself. */
export interface InertKind<C> {
  readonly type: string;
  readonly note?: string;
  /** The property that names it, if the template may. Only one of a name can be; a change of it makes a new one. */
  readonly named?: { readonly by: string; readonly longest: number; readonly within?: 'account' | 'region' };
  readonly create: (resource: NewResource, context: C) => CreatedResource;
}

/**
 * A provider of resources that only have a name: any property is taken, none is acted on. Names and ids are drawn anew
 * for changed properties, and come out the same.
 */
export function inertProvider<C extends DeploymentContext = DeploymentContext>({
  type,
  note,
  named,
  create,
}: InertKind<C>): Provider<C> {
  return {
    type,
    note,
    status: 'inert',
    properties: undefined,
    create,
    update: create,
    ...(named && {
      unique: { within: named.within, name: (resource) => nameBy(named, resource) },
      needsReplacement: (changed) => changed.has(named.by),
    }),
  };
}

/** A kind whose `Ref` is an id of EC2's: `vpc-0123456789abcdef0`. */
export function withEc2Id(
  type: string,
  prefix: string,
  attributes: (
    id: string,
    properties: JsonObject,
    context: DeploymentContext,
    resource: NewResource,
  ) => Record<string, Json> = () => ({}),
): Provider {
  return inertProvider({
    type,
    note: 'there are no networks',
    create(resource, context) {
      const id = `${prefix}-0${resource.random.hex(16)}`;
      return { ref: id, attributes: attributes(id, resource.properties, context, resource) };
    },
  });
}

/** The name that the template gives, else one in CloudFormation's manner. */
export function nameBy(
  { by, longest }: NonNullable<InertKind<DeploymentContext>['named']>,
  resource: NewResource,
): string {
  return textOr(resource.properties[by], resource.name({ longest }));
}

/** The value of a property if it is a text, else what stands for one that the template does not give. */
export function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** The ARN of a resource of a service that knows no regions. */
export function globalArn(service: string, context: DeploymentContext, resource: string): string {
  return formatArn(service, '', context.account, resource);
}
