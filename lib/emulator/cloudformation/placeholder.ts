import { formatArn } from '../core';
import { KnownResource } from './known-types/known-resource';
import { knownType } from './known-types/known-type';
import type { NewResource } from './provider/contract';
import type { DeploymentContext } from './provider/deployment-context';
import type { ResourceReport } from './provider/report';

/** What stands for a resource that the emulator cannot create, so that references to it have a value. */
export function placeholderOf(
  resource: NewResource,
  context: DeploymentContext,
): Pick<ResourceReport, 'physicalId' | 'attributes'> {
  const known = knownType(resource.type);
  if (known === undefined) return { physicalId: resource.name({ longest: 128 }), attributes: {} };
  const { ref, attributes } = new KnownResource(known, resource, context);
  return { physicalId: ref, attributes };
}

/** The value of an attribute that its type is not known to have, as those of custom resources: an ARN if it is called one. */
export function placeholderAttribute(resource: ResourceReport, attribute: string, context: DeploymentContext): string {
  const { type, physicalId } = resource;
  if (!/arn$/i.test(attribute)) return `${physicalId}.${attribute}`;
  if (physicalId.startsWith('arn:')) return physicalId;
  const [, service = 'custom'] = type.split('::');
  return formatArn(service.toLowerCase(), context.region, context.account, physicalId);
}
