/**
 * Hooks of Node's loader of ECMAScript modules, which run in a thread of their own: a function's modules are found as
 * on Lambda.
 */
import { isBuiltin } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FunctionModules, type ModuleFolders, packageOf } from '../functions/function-modules';

interface Resolution {
  readonly url: string;
  readonly format?: string | null;
}
interface ResolveContext {
  readonly parentURL?: string;
}
type NextResolve = (specifier: string, context?: ResolveContext) => Promise<Resolution>;

let modules: FunctionModules | undefined;

export function initialize(folders: ModuleFolders): void {
  modules = new FunctionModules(folders);
}

export async function resolve(specifier: string, context: ResolveContext, next: NextResolve): Promise<Resolution> {
  const { parentURL } = context;
  if (modules === undefined || isBuiltin(specifier)) return next(specifier, context);
  const layered = modules.pathInLayers(specifier);
  if (layered !== undefined) return withFormat(await next(pathToFileURL(layered).href, context), modules);
  const name = packageOf(specifier);
  const isPackage = name !== undefined && !URL.canParse(specifier);
  if (!isPackage || parentURL?.startsWith('file:') !== true || !modules.contains(fileURLToPath(parentURL))) {
    return withFormat(await next(specifier, context), modules);
  }
  const parent = fileURLToPath(parentURL);
  for (const { from, inside } of modules.places(specifier, parent)) {
    const found = await orUndefined(next(specifier, { ...context, parentURL: pathToFileURL(from).href }));
    if (found !== undefined && (!inside || modules.contains(fileURLToPath(found.url)))) {
      return withFormat(found, modules);
    }
  }
  const message = `Cannot find package '${name}' imported from ${parent}`;
  throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
}

/** A `package.json` above the function's folder says nothing of the function's files. */
function withFormat(resolution: Resolution, of: FunctionModules): Resolution {
  if (!resolution.url.startsWith('file:') || !/\.js(?:[?#]|$)/.test(resolution.url)) return resolution;
  const file = fileURLToPath(resolution.url);
  return of.contains(file) ? { ...resolution, format: of.formatOf(file) } : resolution;
}

async function orUndefined(resolution: Promise<Resolution>): Promise<Resolution | undefined> {
  try {
    return await resolution;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
