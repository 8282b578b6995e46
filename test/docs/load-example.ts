import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { transformSync } from '@swc/core';
import * as spillway from '../../lib';
import * as emulator from '../../lib/emulator';
import * as runtime from '../../lib/runtime';
import * as testing from '../../lib/testing';

const required = createRequire(__filename);

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * Runs an example as a module, with this checkout's library for the published one.
 *
 * @param siblings the modules that it may import beside it, by name
 */
export function load(source: string, siblings: ReadonlyMap<string, Exports> = new Map()): Exports {
  const { code } = transformSync(source, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
    isModule: true,
  });
  const module: { exports: Exports } = { exports: {} };
  const own = new Map<string, unknown>([
    ['cdk-spillway', spillway],
    ['cdk-spillway/emulator', emulator],
    ['cdk-spillway/runtime', runtime],
    ['cdk-spillway/testing', testing],
    ...siblings,
  ]);
  const imports = (id: string): unknown => own.get(id) ?? required(id);
  const run = compileFunction(code, ['module', 'exports', 'require', 'test', 'expect']) as (
    ...names: unknown[]
  ) => void;
  run(module, module.exports, imports, test, expect);
  return module.exports;
}
