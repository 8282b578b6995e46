import { absentTypeNote } from '../absent-types';
import type { CreatedResource, NewResource, Provider } from '../provider/contract';
import type { DeploymentContext } from '../provider/deployment-context';
import { KnownResource } from './known-resource';
import { type KnownType, knownType } from './known-type';

const providers = new Map<string, Provider>();

/**
 * The provider of a type that no service defines: its resources have a `Ref`, an ARN and attributes, and nothing else.
 * Undefined if CloudFormation has no such type.
 */
export function knownProvider(type: string): Provider | undefined {
  const existing = providers.get(type);
  if (existing !== undefined) return existing;
  const known = knownType(type);
  if (known === undefined) return undefined;
  const provider = placeholderProvider(known);
  providers.set(type, provider);
  return provider;
}

function placeholderProvider(known: KnownType): Provider {
  const create = (resource: NewResource, context: DeploymentContext): CreatedResource => {
    const { ref, attributes } = new KnownResource(known, resource, context);
    return { ref, attributes };
  };
  const { type, namedBy } = known;
  const missing = absentTypeNote(type);
  return {
    type,
    status: missing === undefined ? 'inert' : 'unsupported',
    note: missing,
    placeholder: true,
    properties: undefined,
    create,
    update: create,
    needsReplacement: (changed) => namedBy !== undefined && changed.has(namedBy),
  };
}
