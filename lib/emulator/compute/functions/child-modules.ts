import childProcess from 'node:child_process';
import fs, { readFileSync } from 'node:fs';
import Module, { createRequire, isBuiltin, register, syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FunctionModules, type ModuleFolders, packageOf } from './function-modules';
import { inLayers, redirectToLayers } from './layer-paths';

/** The parts of Node's CommonJS loader that are replaced: they are not public, and have been the same since 2010. */
interface Loader {
  _resolveFilename(request: string, parent: Parent | undefined, isMain?: boolean, options?: object): string;
  _nodeModulePaths(folder: string): string[];
  readonly _extensions: Record<string, (module: Compiling, file: string) => void>;
}
interface Parent {
  readonly id: string;
  readonly filename: string | null;
  readonly paths?: readonly string[];
}
interface Compiling {
  _compile(source: string, file: string, format?: string): void;
}

/**
 * Makes this process find a function's modules as Lambda does: by `require` and, with hooks in the thread that Node.js
 * loads ECMAScript modules with, by `import`.
 * @param hooks the file of the hooks
 */
export function useFunctionModules(folders: ModuleFolders, hooks: string): FunctionModules {
  const modules = new FunctionModules(folders);
  const loader = Module as unknown as Loader;
  // oxlint-disable-next-line typescript/unbound-method -- called below with the `this` that Node.js gives
  const resolve = loader._resolveFilename;
  loader._resolveFilename = function (request, parent, isMain, options) {
    const file = parent?.filename;
    const name = packageOf(request);
    const native = (what = request) => resolve.call(this, what, parent, isMain, options);
    const layered = modules.pathInLayers(request);
    if (layered !== undefined) return native(layered);
    if (typeof file !== 'string' || options !== undefined || name === undefined || isBuiltin(request)) return native();
    if (!modules.contains(file)) return native();
    const lookUp = (from: string): string | undefined => {
      if (from === file) return orUndefined(() => native());
      const paths = loader._nodeModulePaths(dirname(from));
      return orUndefined(() => resolve.call(this, request, { id: from, filename: from, paths }, false));
    };
    return modules.find(request, file, lookUp) ?? notFound(request, file);
  };
  const load = loader._extensions['.js'];
  loader._extensions['.js'] = (module, file) => {
    if (!modules.contains(file)) return load(module, file);
    const source = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    module._compile(source, file, modules.formatOf(file, source));
  };
  if (modules.layers !== undefined) useLayers(modules.layers);
  register(pathToFileURL(hooks).href, { data: folders });
  return modules;
}

/** Makes files and programs below `/opt` those of the function's layers. */
function useLayers(folder: string): void {
  redirectToLayers(fs, folder);
  redirectToLayers(fs.promises, folder);
  const { prototype } = childProcess.ChildProcess as unknown as {
    prototype: { spawn(options: { file: string }): number };
  };
  // oxlint-disable-next-line typescript/unbound-method -- called below with the `this` that Node.js gives
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    return spawn.call(this, { ...options, file: inLayers(options.file, folder) as string });
  };
  for (const name of ['spawnSync', 'execFileSync'] as const) {
    const run = childProcess[name] as (file: string, ...rest: unknown[]) => unknown;
    Object.assign(childProcess, {
      [name]: (file: string, ...rest: unknown[]) => run(inLayers(file, folder) as string, ...rest),
    });
  }
  syncBuiltinESMExports();
}

/** Requires a file as another file of its folder would. */
export function requireFile(file: string): unknown {
  return createRequire(file)(file) as unknown;
}

function orUndefined(resolve: () => string): string | undefined {
  try {
    return resolve();
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function notFound(request: string, file: string): never {
  const message = `Cannot find module '${request}'\nRequire stack:\n- ${file}`;
  throw Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND', requireStack: [file] });
}
