import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { RuntimeError } from './function-errors';
import { isRuntimePackage, packageOf } from './function-modules';

/** The location of a function's handler. */
export interface HandlerLocation {
  readonly file: string;
  /** The export's name, in several parts if it is nested. */
  readonly path: readonly string[];
}

const EXTENSIONS = ['.js', '.mjs', '.cjs'];

/** Finds `handler`, such as `index.handler` or `src/jobs.nightly.run`, in the folder `taskRoot`. */
export function locateHandler(taskRoot: string, handler: string): HandlerLocation {
  const match = /^(?<module>(?:.*\/)?[^./]+)\.(?<path>[^/]+)$/.exec(handler);
  if (match?.groups === undefined || handler.includes('..')) {
    throw new RuntimeError(
      'Runtime.MalformedHandlerName',
      `Bad handler '${handler}': it must be a file without extension, a dot and an export, such as index.handler`,
    );
  }
  const base = join(taskRoot, match.groups.module);
  const file = EXTENSIONS.map((extension) => base + extension).find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new RuntimeError(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${relative(taskRoot, base)}' with any of the extensions ${EXTENSIONS.join(', ')} in ${taskRoot}`,
    );
  }
  return { file, path: match.groups.path.split('.') };
}

/** A function's entry point. */
export type Handler = (
  event: unknown,
  context: unknown,
  callback: (error?: unknown, result?: unknown) => void,
) => unknown;

/** Returns the handler from its module's exports. */
export function pickHandler(exports: unknown, path: readonly string[], name: string): Handler {
  const found = lookUp(exports, path) ?? lookUp((exports as { default?: unknown } | null)?.default, path);
  if (typeof found === 'function') return found as Handler;
  throw new RuntimeError(
    'Runtime.HandlerNotFound',
    found === undefined ? `${name} is undefined or not exported` : `${name} is not a function`,
  );
}

function lookUp(exports: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], exports);
}

/** Converts an error from loading a function's code to the one that Lambda's runtime reports. */
export function importError(error: unknown): unknown {
  const { code, name, message, stack } = error as { code?: string; name?: string; message?: string; stack?: string };
  const errorType =
    code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
      ? 'Runtime.ImportModuleError'
      : name === 'SyntaxError'
        ? 'Runtime.UserCodeSyntaxError'
        : undefined;
  if (errorType === undefined) return error;
  const renamed = new RuntimeError(errorType, `${name ?? 'Error'}: ${withInstallation(message ?? '')}`);
  if (stack !== undefined) renamed.stack = stack;
  return renamed;
}

/** Says what to do if a package is missing. */
function withInstallation(message: string): string {
  const [found, specifier = ''] = /^Cannot find (?:module|package) '([^'\n]+)'/.exec(message) ?? [];
  const name = packageOf(specifier);
  if (found === undefined || name === undefined) return message;
  const what = isRuntimePackage(name)
    ? `Lambda's runtime includes it, and this project does not: npm i -D ${name}`
    : "neither the function's code nor its layers include it: bundle it with the function";
  return message.replace(found, `${found} (${what})`);
}
