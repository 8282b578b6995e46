import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StaticOperationSchema } from '@smithy/types';
import { Operation, type ProtocolBinding } from '../../lib/emulator/protocol';
import { DEFINITIONS } from '../../lib/emulator/services';

const services = resolve(__dirname, '../../lib/emulator/services');

const rows = DEFINITIONS.flatMap(({ name, protocol }) =>
  protocol === undefined ? [] : [{ name, listed: schemasOf(protocol).map((schema) => new Operation(schema)) }],
);

test('there are services with an API', () => expect(rows.length).toBeGreaterThan(5));

test.each(rows)('each operation that $name lists is a method of its class', ({ name, listed }) => {
  const methods = methodsOf(name);
  expect(listed.filter(({ method }) => !methods.has(method)).map((operation) => operation.name)).toEqual([]);
});

test.each(rows)('each method of $name that is an operation of its SDK client is listed, once', ({ name, listed }) => {
  const methods = methodsOf(name);
  const served = operationsOfSdk(name).filter(({ method }) => methods.has(method));
  expect(listed.map((operation) => operation.name).sort()).toEqual(served.map((operation) => operation.name).sort());
});

/** The methods of the class that a service's folder exports by the service's name. */
function methodsOf(name: string): ReadonlySet<string> {
  const exported = Object.entries(moduleAt(join(services, name)));
  const [, service] = exported.find(([key, value]) => typeof value === 'function' && key.toLowerCase() === name) ?? [];
  const { prototype } = (service ?? {}) as { readonly prototype?: object };
  if (prototype === undefined) throw new Error(`services/${name} exports no class by the name of the service`);
  return new Set(Object.getOwnPropertyNames(prototype));
}

/** The operations of a service, whatever their target. */
function schemasOf({ operations, otherTargets = {} }: ProtocolBinding): StaticOperationSchema[] {
  return [...operations, ...Object.values(otherTargets).flat()];
}

/** All operations of the SDK clients whose schemas a service's protocol lists. */
function operationsOfSdk(name: string): Operation[] {
  const text = readFileSync(join(services, name, 'protocol.ts'), 'utf8');
  const clients = [...text.matchAll(/from '(@aws-sdk\/client-[\w-]+)'/g)].map(([, client]) => client);
  return clients
    .flatMap((client) => Object.values(moduleAt(client)))
    .filter((value) => Array.isArray(value) && value[0] === 9)
    .map((schema) => new Operation(schema as ConstructorParameters<typeof Operation>[0]));
}

function moduleAt(path: string): Readonly<Record<string, unknown>> {
  return jest.requireActual<Record<string, unknown>>(path);
}
