import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { FunctionModules, packageOf } from '../functions/function-modules';
import { EcmaScriptModules } from './ecmascript-modules';
import type { ModuleExports } from './http';
import { NAMES } from './module-transform';
import { refusal, refuse } from './process';
import { realGlobal } from './realm';

/** A CommonJS module as it sees itself. */
interface Module {
  readonly id: string;
  readonly filename: string;
  readonly path: string;
  readonly children: Module[];
  readonly require: NodeJS.Require;
  exports: unknown;
  loaded: boolean;
}

// Modules for sockets, processes and threads, which the clock cannot wait for. SDK bundles load some of them without
// using them, so only their use is refused.
const REFUSED = new Set([
  ...['child_process', 'cluster', 'dgram', 'dns', 'dns/promises', 'http2', 'inspector', 'inspector/promises', 'net'],
  ...['repl', 'tls', 'vm', 'wasi', 'worker_threads'],
]);

// A test runner may put its own `createRequire` in the place of Node's.
const { createRequire, isBuiltin } =
  (realGlobal.process as Partial<NodeJS.Process>).getBuiltinModule?.('node:module') ?? nodeModule;

/**
 * Loads modules, CommonJS and ECMAScript, with our own replacements of the globals. Each sandbox has its own loader and
 * cache, so that no two share a module's state.
 */
export class ModuleLoader {
  private readonly cache: Record<string, Module> = {};
  private readonly ecmaScript: EcmaScriptModules;
  private main?: Module;

  /**
   * @param globals replacements of Node's globals of the same names
   * @param builtins replacements of Node's modules, by name without `node:`
   * @param modules where a function finds its modules; undefined for programs that find them as Node.js does
   */
  constructor(
    private readonly globals: Readonly<Record<string, unknown>>,
    private readonly builtins: Readonly<Record<string, unknown>>,
    private readonly modules: FunctionModules | undefined,
  ) {
    this.ecmaScript = new EcmaScriptModules({
      globals,
      modules,
      builtin: (specifier) => this.builtin(specifier, createRequire(__filename)),
      requireFile: (file) => this.load(file, undefined).exports,
      isModule: (file) => this.formats.formatOf(file) === 'module',
    });
  }

  /** Runs a file as the program's main module. Returns its exports: a promise of them if the module awaits something. */
  public loadMain(file: string): unknown {
    const main = createRequire(file).resolve(file);
    if (this.formats.formatOf(main) === 'module') return this.ecmaScript.load(main);
    return this.load(main, undefined).exports;
  }

  private get formats(): FunctionModules {
    return this.modules ?? ORDINARY;
  }

  private load(file: string, parent: Pick<Module, 'children'> | undefined): Module {
    const cached = this.cache[file];
    if (cached !== undefined) return cached;
    const module: Module = {
      id: parent === undefined ? '.' : file,
      filename: file,
      path: dirname(file),
      children: [],
      exports: {},
      loaded: false,
      require: undefined as unknown as NodeJS.Require,
    };
    Object.assign(module, { require: this.requireFor(module) });
    this.main ??= module;
    parent?.children.push(module);
    this.cache[file] = module;
    try {
      this.run(module);
    } catch (error) {
      delete this.cache[file];
      throw error;
    }
    module.loaded = true;
    return module;
  }

  private run(module: Module): void {
    const { filename } = module;
    const extension = extname(filename);
    if (extension === '.node') throw refusal(`the native module ${filename}`);
    const text = readFileSync(filename, 'utf8');
    if (extension === '.json') {
      module.exports = JSON.parse(text);
      return;
    }
    if (this.formats.formatOf(filename, text) === 'module') {
      module.exports = this.ecmaScript.require(filename);
      return;
    }
    const parameters: Record<string, unknown> = {
      ...this.globals,
      exports: module.exports,
      require: module.require,
      module,
      __filename: filename,
      __dirname: module.path,
      [NAMES.import]: (specifier: string) => this.ecmaScript.import(String(specifier), filename),
    };
    const code = text.replace(/^#!.*/, '').replace(/(?<![.\w$])import(?=\s*\()/g, NAMES.import);
    const compiled = compileFunction(code, Object.keys(parameters), { filename });
    Reflect.apply(compiled, module.exports, Object.values(parameters));
  }

  private requireFor(module: Pick<Module, 'filename' | 'children'>): NodeJS.Require {
    const { filename } = module;
    const real = createRequire(filename);
    const resolve = (specifier: string): string => this.resolve(specifier, filename, real);
    const require = (specifier: string): unknown => {
      if (typeof specifier === 'string' && isBuiltin(specifier)) return this.builtin(specifier, real);
      return this.load(resolve(specifier), module).exports;
    };
    return Object.assign(require, {
      resolve: Object.assign(
        (specifier: string, options?: { paths?: string[] }) =>
          options === undefined ? resolve(specifier) : real.resolve(specifier, options),
        { paths: (request: string) => real.resolve.paths(request) },
      ),
      cache: this.cache,
      main: this.main ?? module,
      extensions: real.extensions,
    }) as unknown as NodeJS.Require;
  }

  private resolve(specifier: string, file: string, real: NodeJS.Require): string {
    const layered = this.modules?.pathInLayers(String(specifier));
    if (layered !== undefined) return real.resolve(layered);
    const name = typeof specifier === 'string' ? packageOf(specifier) : undefined;
    if (this.modules?.contains(file) !== true || name === undefined || isBuiltin(specifier)) {
      return real.resolve(specifier);
    }
    const lookUp = (from: string): string | undefined => {
      try {
        return createRequire(from).resolve(specifier);
      } catch (error) {
        if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return undefined;
        throw error;
      }
    };
    const found = this.modules.find(specifier, file, lookUp);
    if (found !== undefined) return found;
    const message = `Cannot find module '${specifier}'\nRequire stack:\n- ${file}`;
    throw Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND', requireStack: [file] });
  }

  private builtin(specifier: string, real: NodeJS.Require): unknown {
    const name = specifier.replace(/^node:/, '');
    if (name in this.builtins) return this.builtins[name];
    const exports = real(specifier) as ModuleExports;
    if (name === 'module') return this.moduleOfModules(exports);
    return REFUSED.has(name) ? refusedModule(name, exports) : exports;
  }

  /** `node:module`, whose `createRequire` requires inside the sandbox. */
  private moduleOfModules(real: ModuleExports): unknown {
    const own = (from: string | URL): NodeJS.Require =>
      this.requireFor({
        filename: typeof from === 'string' && !from.startsWith('file:') ? from : fileURLToPath(from),
        children: [],
      });
    const names = Object.getOwnPropertyNames(real).filter((name) => !['length', 'name', 'prototype'].includes(name));
    return { ...Object.fromEntries(names.map((name) => [name, real[name]])), createRequire: own };
  }
}

/** The formats of files of programs that are not functions. */
const ORDINARY = new FunctionModules({ task: '/', runtime: [] });

/** A module whose constants can be read, but whose functions and classes throw when used. */
export function refusedModule(name: string, exports: ModuleExports): ModuleExports {
  return Object.fromEntries(
    Object.keys(exports).map((key) => {
      const value = exports[key];
      return [key, typeof value === 'function' ? refuse(`${name}.${key}`) : value];
    }),
  );
}
