import { formatArn } from '../../core';
import type { DeploymentContext } from '../provider/deployment-context';
import type { Json, JsonObject } from '../provider/json';
import type { CreatedResource, NewResource, Provider } from '../provider/contract';

/** The name and attributes of an inert resource type. */
export interface InertKind<C> {
  readonly type: string;
  readonly note?: string;
  /** The property that names it, if there is one. Names are unique; a change replaces the resource. */
  readonly named?: { readonly by: string; readonly longest: number; readonly within?: 'account' | 'region' };
  readonly create: (resource: NewResource, context: C) => CreatedResource;
}

/** A provider of resources that only have a name: it accepts any property and acts on none. */
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

/** A type whose `Ref` is an EC2 id: `vpc-0123456789abcdef0`. */
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

/** The template's name for it, else one of CloudFormation's form. */
export function nameBy(
  { by, longest }: NonNullable<InertKind<DeploymentContext>['named']>,
  resource: NewResource,
): string {
  return textOr(resource.properties[by], resource.name({ longest }));
}

/** The value of a property if it is a string, else the fallback. */
export function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** The ARN of a resource of a global service. */
export function globalArn(service: string, context: DeploymentContext, resource: string): string {
  return formatArn(service, '', context.account, resource);
}
