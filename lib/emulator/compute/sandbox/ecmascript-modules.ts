import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { isPromise } from '../../core/promise';
import type { FunctionModules } from '../functions/function-modules';
import { resolveImport } from './import-resolution';
import { type ImportedName, NAMES, type TransformedModule, transformModule } from './module-transform';

/** What a module exports, under each name. */
type Namespace = Record<string, unknown>;

/** A module that others import. */
interface Imported {
  readonly namespace: Namespace;
  /** Runs the module, after those that it imports; does nothing if it runs or has run. */
  run(): void | Promise<void>;
}

/** What {@link EcmaScriptModules} needs of the sandbox. */
export interface EcmaScriptDependencies {
  readonly globals: Readonly<Record<string, unknown>>;
  readonly modules: FunctionModules | undefined;
  readonly builtin: (specifier: string) => unknown;
  /** The exports of a CommonJS module. */
  readonly requireFile: (file: string) => unknown;
  /** Whether a file is an ECMAScript module. */
  readonly isModule: (file: string) => boolean;
}

type Body = Generator<undefined, void> | AsyncGenerator<undefined, void>;

/** Runs ECMAScript modules in a sandbox: linked first, so that functions are there in circles, then run in order. */
export class EcmaScriptModules {
  private readonly linked = new Map<string, Imported>();

  constructor(private readonly dependencies: EcmaScriptDependencies) {}

  /** Runs a file. Returns its namespace, or a promise of it if it or what it imports awaits something. */
  public load(file: string): Namespace | Promise<Namespace> {
    const module = this.link(file);
    const running = module.run();
    return running === undefined ? module.namespace : running.then(() => module.namespace);
  }

  /** Runs a file for `require`, which cannot wait. */
  public require(file: string): Namespace {
    const namespace = this.load(file);
    if (isPromise(namespace)) {
      const message = `require() cannot be used on an ESM graph with top-level await. Use import() instead: ${file}`;
      throw Object.assign(new Error(message), { code: 'ERR_REQUIRE_ASYNC_MODULE' });
    }
    if (!('default' in namespace) || '__esModule' in namespace) return namespace;
    return Object.create(null, {
      ...Object.getOwnPropertyDescriptors(namespace),
      __esModule: { value: true, enumerable: true },
    }) as Namespace;
  }

  /** `import()` in the sandbox's code. */
  public async import(specifier: string, parent: string): Promise<Namespace> {
    const module = this.resolve(specifier, parent);
    await module.run();
    return module.namespace;
  }

  private resolve(specifier: string, parent: string): Imported {
    const { builtin, isModule, requireFile } = this.dependencies;
    if (isBuiltin(specifier)) return { namespace: namespaceOf(builtin(specifier)), run: () => undefined };
    const file = this.fileOf(specifier, parent);
    if (isModule(file)) return this.link(file);
    return lazily(() => namespaceOf(requireFile(file)));
  }

  private fileOf(specifier: string, parent: string): string {
    const { modules } = this.dependencies;
    const layered = modules?.pathInLayers(specifier);
    if (layered !== undefined) return this.fileOf(layered, parent);
    const isPackage = !/^(?:\.{0,2}\/|#|file:)/.test(specifier);
    const found =
      isPackage && modules?.contains(parent) === true
        ? modules.find(specifier, parent, (from) => existing(resolveImport(specifier, from)))
        : existing(resolveImport(specifier, parent));
    if (found !== undefined) return found;
    const what = isPackage ? `package '${specifier}'` : `module '${specifier}'`;
    const message = `Cannot find ${what} imported from ${parent}`;
    throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
  }

  private link(file: string): Imported {
    const known = this.linked.get(file);
    if (known !== undefined) return known;
    const transformed = transform(file);
    const namespace = Object.create(null) as Namespace;
    Object.defineProperty(namespace, Symbol.toStringTag, { value: 'Module' });
    const dependencies = new Map<string, Imported>();
    const valueOf = ({ from, name }: ImportedName): unknown => {
      const target = dependencies.get(from)?.namespace;
      return name === undefined ? target : target?.[name];
    };
    const scope = Object.create(null) as Namespace;
    for (const [local, imported] of transformed.imports) define(scope, local, () => valueOf(imported));
    for (const [name, imported] of transformed.reexports) define(namespace, name, () => valueOf(imported));
    const body = this.instantiate(file, transformed, scope, namespace);
    let running: void | Promise<void>;
    let started = false;
    const run = (): void | Promise<void> => {
      if (started) return running;
      started = true;
      const steps = [...dependencies.values()].map((dependency) => () => dependency.run());
      return (running = inOrder([
        ...steps,
        () => this.complete(file, transformed, dependencies, namespace),
        () => ended(body.next()),
      ]));
    };
    const module: Imported = { namespace, run };
    this.linked.set(file, module);
    for (const request of transformed.requests) dependencies.set(request, this.resolve(request, file));
    return module;
  }

  /** Runs a module up to its first `yield`: its functions and the getters of its exports exist from then on. */
  private instantiate(file: string, { code }: TransformedModule, scope: Namespace, namespace: Namespace): Body {
    const parameters: Record<string, unknown> = {
      ...this.dependencies.globals,
      [NAMES.scope]: scope,
      [NAMES.exports]: (getters: Record<string, () => unknown>) => {
        for (const [name, get] of Object.entries(getters)) define(namespace, name, get);
      },
      [NAMES.meta]: {
        url: pathToFileURL(file).href,
        filename: file,
        dirname: dirname(file),
        resolve: (specifier: string) =>
          isBuiltin(specifier)
            ? `node:${specifier.replace(/^node:/, '')}`
            : pathToFileURL(this.fileOf(specifier, file)).href,
      },
      [NAMES.import]: (specifier: string) => this.import(String(specifier), file),
    };
    const compiled = compileFunction(code, Object.keys(parameters), { filename: file });
    const body = Reflect.apply(compiled, undefined, Object.values(parameters)) as Body;
    const first = body.next();
    if (isPromise(first)) void first;
    return body;
  }

  /** Adds what other modules export to a module's exports, and checks what it imports of them. */
  private complete(
    file: string,
    { imports, reexports, stars }: TransformedModule,
    dependencies: ReadonlyMap<string, Imported>,
    namespace: Namespace,
  ): void {
    for (const star of stars) {
      const target = dependencies.get(star)?.namespace ?? {};
      for (const name of Object.keys(target)) {
        if (name !== 'default' && !(name in namespace)) define(namespace, name, () => target[name]);
      }
    }
    for (const { from, name } of [...imports.values(), ...reexports.values()]) {
      const target = dependencies.get(from)?.namespace;
      if (name === undefined || target === undefined || name in target) continue;
      const error = new SyntaxError(`The requested module '${from}' does not provide an export named '${name}'`);
      error.stack = `${file}\n${error.stack}`;
      throw error;
    }
  }
}

const transformed = new Map<string, { readonly modified: number; readonly module: TransformedModule }>();

/** Transforms a file; once, as each of a function's environments runs the same files. */
function transform(file: string): TransformedModule {
  const { mtimeMs: modified } = statSync(file);
  const known = transformed.get(file);
  if (known?.modified === modified) return known.module;
  const module = transformModule(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''), file);
  transformed.set(file, { modified, module });
  return module;
}

function existing(path: string | undefined): string | undefined {
  return path !== undefined && existsSync(path) && statSync(path).isFile() ? realpathSync(path) : undefined;
}

function define(target: object, name: string, get: () => unknown): void {
  Object.defineProperty(target, name, { get, enumerable: true, configurable: true });
}

/** A CommonJS module, which runs when its turn comes. */
function lazily(load: () => Namespace): Imported {
  let loaded: Namespace | undefined;
  return {
    get namespace() {
      return (loaded ??= load());
    },
    run() {
      loaded ??= load();
    },
  };
}

/** What `import` returns for a CommonJS module. */
function namespaceOf(exports: unknown): Namespace {
  const named = typeof exports === 'object' || typeof exports === 'function' ? exports : {};
  return { ...named, default: exports };
}

/** Runs steps one after the other, without waiting if none of them takes time. */
function inOrder(steps: readonly (() => void | Promise<void>)[]): void | Promise<void> {
  for (const [index, step] of steps.entries()) {
    const running = step();
    if (isPromise(running)) return running.then(() => inOrder(steps.slice(index + 1)));
  }
  return undefined;
}

function ended(result: unknown): void | Promise<void> {
  return isPromise(result) ? result.then(() => undefined) : undefined;
}
