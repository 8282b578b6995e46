import { readProperties, type PropertyTable } from '../shapes';
import type { Provider, TypedProvider } from './contract';

/** Makes a provider that reads the properties by their table. */
export function define<T extends PropertyTable>(provider: TypedProvider<T>): Provider {
  const { type, note, properties, status = 'emulated' } = provider;
  return {
    type,
    status,
    note,
    properties,
    refusal: (given) => provider.refusal?.(given),
    create: (resource, cloud) =>
      provider.create({ ...resource, properties: readProperties(properties, resource.properties, '') }, cloud),
  };
}
