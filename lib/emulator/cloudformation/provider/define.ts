import type { DeploymentContext } from './deployment-context';
import type { JsonObject } from './json';
import { readProperties, type PropertyTable, type Values } from './shapes';
import type { Provider, TypedProvider } from './contract';

/** Creates a provider that reads its properties by a table. */
export function define<T extends PropertyTable, C extends DeploymentContext = DeploymentContext>(
  provider: TypedProvider<T, C>,
): Provider<C> {
  const { type, note, nameAttribute, properties, updatePolicy, status = 'emulated' } = provider;
  const read = (given: JsonObject): Values<T> => readProperties(properties, given, '');
  const { update, unique, delete: remove } = provider;
  return {
    type,
    status,
    note,
    nameAttribute,
    properties,
    updatePolicy,
    refusal: (given) => provider.refusal?.(given),
    ...(unique && {
      unique: {
        ...unique,
        name: (resource, context) => unique.name({ ...resource, properties: read(resource.properties) }, context),
        exists: (resource, context) =>
          unique.exists?.({ ...resource, properties: read(resource.properties) }, context) ?? false,
      },
    }),
    create: (resource, context) => provider.create({ ...resource, properties: read(resource.properties) }, context),
    ...(update && {
      update: (resource, context) => {
        const { properties: given, previous } = resource;
        return update({ ...resource, properties: read(given), previous: read(previous) }, context);
      },
    }),
    needsReplacement: (changed, policy) => provider.needsReplacement?.(changed, policy) ?? false,
    ...(remove && {
      delete: (resource, context) => remove({ ...resource, properties: read(resource.properties) }, context),
    }),
  };
}
