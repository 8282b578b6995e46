import type { RoutedService } from '../../lib/emulator/protocol';
import { definitionOf, type ServiceName } from '../../lib/emulator/services';

/** A service on the router, as its definition has it, with what answers its actions given by a test. */
export function routed(name: ServiceName, resolve: RoutedService['resolve']): RoutedService {
  const binding = definitionOf(name)?.protocol;
  if (binding === undefined) throw new Error(`${name} has no API`);
  return { name, binding, resolve };
}
