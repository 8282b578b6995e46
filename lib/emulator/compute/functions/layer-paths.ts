import { fileURLToPath } from 'node:url';

/** Functions of `fs` that take two paths; all others take one, or none. */
const OF_TWO_PATHS = /^(?:copyFile|cp|link|rename|symlink)(?:Sync)?$/;

/** Where a path below `/opt`, as code on Lambda names it, is in the folder with the layers. Other values stay. */
export function inLayers(path: unknown, folder: string): unknown {
  const text = path instanceof URL && path.protocol === 'file:' ? fileURLToPath(path) : path;
  if (typeof text !== 'string' || !/^\/opt(?:\/|$)/.test(text)) return path;
  return folder + text.slice('/opt'.length);
}

/** Makes the functions of `fs` or `fs.promises` find what is below `/opt` in the folder with the layers. */
export function redirectToLayers(module: object, folder: string): void {
  for (const [name, value] of Object.entries(module) as [string, unknown][]) {
    if (typeof value !== 'function' || !/^[a-z]/.test(name)) continue; // a class is no function of a path
    const paths = OF_TWO_PATHS.test(name) ? 2 : 1;
    Reflect.set(
      module,
      name,
      new Proxy(value as (...all: unknown[]) => unknown, {
        apply: (target, self, args: unknown[]) => {
          const given = args.map((argument, index) => (index < paths ? inLayers(argument, folder) : argument));
          return Reflect.apply<unknown, unknown[], unknown>(target, self, given);
        },
      }),
    );
  }
}
