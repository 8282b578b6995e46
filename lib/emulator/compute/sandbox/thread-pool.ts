import { Transform } from 'node:stream';
import { promisify, types } from 'node:util';
import type { ModuleExports } from './http';
import type { Inside } from './inside';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * A module whose functions do their work on node's thread pool (`fs`, `zlib`, `crypto`), with the clock waiting for
 * them: reading a file or compressing a frame takes no virtual time, and when it ends must not depend on how busy the
 * machine is.
 * @param replacements what the module has in place of its own functions
 */
export function heldModule(module: object, inside: Inside, replacements: ModuleExports = {}): ModuleExports {
  const held: ModuleExports = {};
  for (const name of Reflect.ownKeys(module)) {
    const value = Reflect.get(module, name) as unknown;
    held[name as string] = typeof value === 'function' ? heldFunction(value as AnyFunction, module, inside) : value;
  }
  return Object.assign(held, replacements);
}

function heldFunction(real: AnyFunction, owner: unknown, inside: Inside): unknown {
  // The proxy's target is a function without properties, for a proxy may not replace one that is fixed on its target.
  return new Proxy(function () {}, {
    apply: (_, self, args: unknown[]) => {
      const last = args.length - 1;
      const callback = args[last];
      if (typeof callback === 'function') {
        const over = inside.progress();
        const done = (...results: unknown[]) => {
          inside.enter(() => void Reflect.apply(callback, undefined, results));
          over();
        };
        try {
          return Reflect.apply(real, self, [...args.slice(0, last), done]);
        } catch (error) {
          over(); // it refused its arguments: the callback will not be called
          throw error;
        }
      }
      return heldResult(Reflect.apply(real, self ?? owner, args), inside);
    },
    construct: (_, args: unknown[], newTarget) =>
      heldResult(Reflect.construct(real, args, newTarget), inside) as object,
    get: (_, name) => {
      const value = Reflect.get(real, name) as unknown;
      return name === promisify.custom && value !== undefined
        ? heldFunction(value as AnyFunction, owner, inside)
        : value;
    },
  });
}

function heldResult(result: unknown, inside: Inside): unknown {
  if (types.isPromise(result)) {
    const over = inside.progress();
    const settle = (how: () => void) => {
      if (!inside.closed) how(); // once it is closed, no code of the sandbox goes on
      over();
    };
    return new Promise((resolve, reject) => {
      result.then(
        (value: unknown) => settle(() => resolve(isFileHandle(value) ? heldFileHandle(value, inside) : value)),
        (error: Error) => settle(() => reject(error)),
      );
    });
  }
  if (result instanceof Transform && '_handle' in result) holdWhileCompressing(result as CompressionStream, inside);
  return result;
}

function isFileHandle(value: unknown): value is object {
  return typeof value === 'object' && value !== null && value.constructor?.name === 'FileHandle';
}

function heldFileHandle(handle: object, inside: Inside): object {
  return new Proxy(handle, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? heldFunction((value as AnyFunction).bind(target), target, inside) : value;
    },
  });
}

/** What node's compression streams are made of, as far as it tells when their thread is at work. */
interface CompressionStream extends Transform {
  readonly _handle: { write?: AnyFunction } | null;
}

/**
 * The clock waits while a thread compresses, but not while the stream waits for its reader, who may be waiting for
 * time to pass.
 */
function holdWhileCompressing(stream: CompressionStream, inside: Inside): void {
  const handle = stream._handle;
  if (handle?.write === undefined) return;
  let over: (() => void) | undefined;
  const stop = () => {
    over?.();
    over = undefined;
  };
  const write = handle.write;
  handle.write = function (...args) {
    over ??= inside.progress();
    return Reflect.apply(write, this, args);
  };
  const push = stream.push.bind(stream);
  stream.push = (chunk, encoding) => {
    stop();
    return push(chunk, encoding);
  };
  const transform = stream._transform.bind(stream);
  stream._transform = (chunk, encoding, done) => {
    transform(chunk, encoding, (...results) => {
      stop();
      done(...results);
    });
  };
  stream.once('close', stop);
}
