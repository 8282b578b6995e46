import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, extname } from 'node:path';
import { compileFunction } from 'node:vm';
import type { ModuleExports } from './http';
import { refusal, refuse } from './process';

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

// The name for `import()` in code compiled as a function, for which Node provides no loader.
const DYNAMIC_IMPORT = '__importInSandbox';

/**
 * Loads CommonJS modules with our own replacements of the globals. Each sandbox has its own loader and cache, so that
 * no two share a module's state.
 */
export class ModuleLoader {
  private readonly cache: Record<string, Module> = {};
  private main?: Module;

  /**
   * @param globals replacements of Node's globals of the same names
   * @param builtins replacements of Node's modules, by name without `node:`
   */
  constructor(
    private readonly globals: Readonly<Record<string, unknown>>,
    private readonly builtins: Readonly<Record<string, unknown>>,
  ) {}

  /** Runs a file as the program's main module. Returns its exports. */
  public loadMain(file: string): unknown {
    return this.load(createRequire(file).resolve(file), undefined).exports;
  }

  private load(file: string, parent: Module | undefined): Module {
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
    if (extension === '.mjs') throw refusal(`the ECMAScript module ${filename} (bundle it as CommonJS)`);
    const text = readFileSync(filename, 'utf8');
    if (extension === '.json') {
      module.exports = JSON.parse(text);
      return;
    }
    const parameters: Record<string, unknown> = {
      ...this.globals,
      exports: module.exports,
      require: module.require,
      module,
      __filename: filename,
      __dirname: module.path,
      [DYNAMIC_IMPORT]: (specifier: string) => Promise.resolve().then(() => namespaceOf(module.require(specifier))),
    };
    const code = text.replace(/^#!.*/, '').replace(/(?<![.\w$])import(?=\s*\()/g, DYNAMIC_IMPORT);
    const compiled = compileFunction(code, Object.keys(parameters), { filename });
    Reflect.apply(compiled, module.exports, Object.values(parameters));
  }

  private requireFor(module: Module): NodeJS.Require {
    const real = createRequire(module.filename);
    const require = (specifier: string): unknown => {
      if (typeof specifier === 'string' && isBuiltin(specifier)) return this.builtin(specifier, real);
      return this.load(real.resolve(specifier), module).exports;
    };
    return Object.assign(require, {
      resolve: real.resolve,
      cache: this.cache,
      main: this.main ?? module,
      extensions: real.extensions,
    }) as unknown as NodeJS.Require;
  }

  private builtin(specifier: string, real: NodeJS.Require): unknown {
    const name = specifier.replace(/^node:/, '');
    if (name in this.builtins) return this.builtins[name];
    const exports = real(specifier) as ModuleExports;
    return REFUSED.has(name) ? refusedModule(name, exports) : exports;
  }
}

/** A module whose constants can be read, but whose functions and classes throw when used. */
export function refusedModule(name: string, exports: ModuleExports): ModuleExports {
  return Object.fromEntries(
    Object.keys(exports).map((key) => {
      const value = exports[key];
      return [key, typeof value === 'function' ? refuse(`${name}.${key}`) : value];
    }),
  );
}

/** What `import()` returns for a CommonJS module. */
function namespaceOf(exports: unknown): object {
  return { ...(typeof exports === 'object' || typeof exports === 'function' ? exports : {}), default: exports };
}
