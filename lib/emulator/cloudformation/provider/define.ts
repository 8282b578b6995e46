import type { JsonObject } from './json';
import { readProperties, type PropertyTable, type Values } from './shapes';
import type { Provider, TypedProvider } from './contract';

/** Makes a provider that reads the properties by their table. */
export function define<T extends PropertyTable>(provider: TypedProvider<T>): Provider {
  const { type, note, properties, updatePolicy, status = 'emulated' } = provider;
  const read = (given: JsonObject): Values<T> => readProperties(properties, given, '');
  const { update, unique, delete: remove } = provider;
  return {
    type,
    status,
    note,
    properties,
    updatePolicy,
    refusal: (given) => provider.refusal?.(given),
    ...(unique && {
      unique: {
        ...unique,
        name: (resource, cloud) => unique.name({ ...resource, properties: read(resource.properties) }, cloud),
        exists: (resource, cloud) =>
          unique.exists?.({ ...resource, properties: read(resource.properties) }, cloud) ?? false,
      },
    }),
    create: (resource, cloud) => provider.create({ ...resource, properties: read(resource.properties) }, cloud),
    ...(update && {
      update: (resource, cloud) => {
        const { properties: given, previous } = resource;
        return update({ ...resource, properties: read(given), previous: read(previous) }, cloud);
      },
    }),
    needsReplacement: (changed, policy) => provider.needsReplacement?.(changed, policy) ?? false,
    ...(remove && {
      delete: (resource, cloud) => remove({ ...resource, properties: read(resource.properties) }, cloud),
    }),
  };
}
