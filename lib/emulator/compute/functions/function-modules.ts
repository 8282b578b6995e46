import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, extname, join, parse, sep } from 'node:path';
import { compileFunction } from 'node:vm';

/** Where a function's code finds modules. Can be passed to other processes and threads. */
export interface ModuleFolders {
  /** The folder with the function's code: `/var/task` on Lambda. */
  readonly task: string;
  /**
   * The folder with its layers, merged: `/opt` on Lambda.
   * @default - it has no layers
   */
  readonly layers?: string;
  /**
   * The major version of Node.js that the function asks for, by which layers may name a folder: `/opt/nodejs/node22`.
   * @default - only `/opt/nodejs` is searched
   */
  readonly nodeVersion?: string;
  /** Folders from which what Lambda's runtimes include is looked up, in their `node_modules` and those above them. */
  readonly runtime: readonly string[];
  /**
   * Whether every package is looked up there, since a layer that is not here may have it.
   * @default false
   */
  readonly anyPackage?: boolean;
}

export type ModuleFormat = 'commonjs' | 'module';

/** The packages that Lambda's Node.js runtimes include: the AWS SDK, and before Node.js 18 its version 2. */
const RUNTIME_PACKAGE = /^(?:@(?:aws|aws-sdk|aws-crypto|smithy)\/[^/]+|aws-sdk)(?=\/|$)/;
const MODULE_SYNTAX = /^[ \t]*(?:import|export)\b|[;}]\s*(?:import|export)\b|\bimport\.meta\b|\bawait\b/m;
const MODULE_SYNTAX_ERROR =
  /import statement outside a module|Unexpected token 'export'|'import\.meta' outside a module|await is only valid/;

/** The package that a specifier such as `@aws-sdk/client-sqs/dist` names; undefined for paths and `#imports`. */
export function packageOf(specifier: string): string | undefined {
  return /^(?:@[^/.][^/]*\/)?[^@./#][^/]*/.exec(specifier)?.[0];
}

/** Whether Lambda's Node.js runtimes include a package. */
export function isRuntimePackage(name: string): boolean {
  return RUNTIME_PACKAGE.test(name);
}

/**
 * Finds a function's modules as on Lambda: in its own folder, then in its layers. Nothing above its folder counts,
 * neither packages nor a `package.json`. What Lambda's runtimes include comes from packages on this machine.
 */
export class FunctionModules {
  private readonly task: string;
  /** The folder with the function's layers. */
  public readonly layers?: string;
  /** The formats that the nearest `package.json` of a folder gives to `.js` files. */
  private readonly formats = new Map<string, ModuleFormat | undefined>();

  constructor(private readonly folders: ModuleFolders) {
    this.task = realPath(folders.task);
    if (folders.layers !== undefined) this.layers = realPath(folders.layers);
  }

  /** Whether a file belongs to the function: to its own code or its layers. */
  public contains(file: string): boolean {
    return isInside(file, this.task) || (this.layers !== undefined && isInside(file, this.layers));
  }

  /** The path of a module that code names by its path on Lambda, such as `/opt/nodejs/tools`; undefined for others. */
  public pathInLayers(specifier: string): string | undefined {
    const [, path] = /^(?:file:\/\/)?\/opt\/(.+)$/.exec(specifier) ?? [];
    return this.layers === undefined || path === undefined ? undefined : join(this.layers, path);
  }

  /** The files as which a package is looked up, one after the other, for a file of the function. */
  public places(specifier: string, parent: string): { readonly from: string; readonly inside: boolean }[] {
    const { nodeVersion } = this.folders;
    const versioned = nodeVersion === undefined ? [] : [`nodejs/node${nodeVersion}`];
    const layered = this.layers === undefined ? [] : [...versioned, 'nodejs'];
    const own = [parent, ...layered.map((folder) => join(this.layers as string, folder, 'index.js'))];
    const shared = this.folders.anyPackage === true || isRuntimePackage(specifier) ? this.folders.runtime : [];
    return [
      ...own.map((from) => ({ from, inside: true })),
      ...shared.map((folder) => ({ from: join(folder, 'index.js'), inside: false })),
    ];
  }

  /**
   * Finds the package that a file of the function refers to.
   * @param lookUp resolves the specifier for a file; undefined if Node.js finds nothing
   * @returns what `lookUp` found; undefined if Lambda would find nothing
   */
  public find(specifier: string, parent: string, lookUp: (parent: string) => string | undefined): string | undefined {
    for (const { from, inside } of this.places(specifier, parent)) {
      const found = lookUp(from);
      if (found !== undefined && (!inside || this.contains(found))) return found;
    }
    return undefined;
  }

  /** Whether Node.js loads a file as CommonJS or as an ECMAScript module. */
  public formatOf(file: string, source?: string): ModuleFormat {
    const extension = extname(file);
    if (extension === '.mjs') return 'module';
    if (extension === '.cjs' || extension === '.json' || extension === '.node') return 'commonjs';
    const declared = this.declaredFormat(dirname(file), this.rootOf(file));
    return declared ?? (hasModuleSyntax(source ?? readFileSync(file, 'utf8')) ? 'module' : 'commonjs');
  }

  private rootOf(file: string): string {
    if (isInside(file, this.task)) return this.task;
    return this.layers !== undefined && isInside(file, this.layers) ? this.layers : parse(file).root;
  }

  private declaredFormat(folder: string, root: string): ModuleFormat | undefined {
    if (this.formats.has(folder)) return this.formats.get(folder);
    const type = typeIn(join(folder, 'package.json'));
    const last = folder === root || folder === dirname(folder) || folder.endsWith(`${sep}node_modules`);
    const format = type === 'none' ? (last ? undefined : this.declaredFormat(dirname(folder), root)) : type;
    this.formats.set(folder, format);
    return format;
  }
}

/** The format of a `package.json`: undefined if it declares none, `none` if there is no such file. */
function typeIn(manifest: string): ModuleFormat | 'none' | undefined {
  if (!existsSync(manifest)) return 'none';
  try {
    const { type } = JSON.parse(readFileSync(manifest, 'utf8')) as { type?: string };
    return type === 'module' || type === 'commonjs' ? type : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a file that declares no format is an ECMAScript module, by its syntax, as Node.js decides since 20.19. */
function hasModuleSyntax(source: string): boolean {
  if (!MODULE_SYNTAX.test(source)) return false;
  try {
    compileFunction(source.replace(/^#!.*/, ''), ['exports', 'require', 'module', '__filename', '__dirname']);
    return false;
  } catch (error) {
    return MODULE_SYNTAX_ERROR.test((error as Error).message);
  }
}

function isInside(file: string, folder: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function realPath(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}
