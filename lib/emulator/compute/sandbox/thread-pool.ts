import { Transform } from 'node:stream';
import { promisify, types } from 'node:util';
import type { ModuleExports } from './http';
import type { SandboxContext, Work } from './sandbox-context';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * A module whose functions use Node's thread pool (`fs`, `zlib`, `crypto`), with the clock waiting for them: reading a
 * file or compressing a frame takes no virtual time, and when and in which order such work ends must not depend on how
 * busy the machine is.
 * @param replacements the sandbox's own versions of the module's functions
 */
export function heldModule(module: object, context: SandboxContext, replacements: ModuleExports = {}): ModuleExports {
  const held: ModuleExports = {};
  for (const name of Reflect.ownKeys(module)) {
    const value = Reflect.get(module, name) as unknown;
    held[name as string] = typeof value === 'function' ? heldFunction(value as AnyFunction, module, context) : value;
  }
  return Object.assign(held, replacements);
}

function heldFunction(real: AnyFunction, owner: unknown, context: SandboxContext): unknown {
  // The proxy's target is a function without properties, because a proxy may not replace fixed ones.
  return new Proxy(function () {}, {
    apply: (_, self, args: unknown[]) => {
      const last = args.length - 1;
      const callback = args[last];
      if (typeof callback === 'function') {
        const work = context.work();
        const done = (...results: unknown[]) => work.finish(() => void Reflect.apply(callback, undefined, results));
        try {
          return Reflect.apply(real, self, [...args.slice(0, last), done]);
        } catch (error) {
          work.end(); // it refused its arguments and will not call the callback
          throw error;
        }
      }
      return heldResult(Reflect.apply(real, self ?? owner, args), context);
    },
    construct: (_, args: unknown[], newTarget) =>
      heldResult(Reflect.construct(real, args, newTarget), context) as object,
    get: (_, name) => {
      const value = Reflect.get(real, name) as unknown;
      return name === promisify.custom && value !== undefined
        ? heldFunction(value as AnyFunction, owner, context)
        : value;
    },
  });
}

function heldResult(result: unknown, context: SandboxContext): unknown {
  if (types.isPromise(result)) {
    const work = context.work();
    return new Promise((resolve, reject) => {
      result.then(
        (value: unknown) => work.finish(() => resolve(isFileHandle(value) ? heldObject(value, context) : value)),
        (error: Error) => work.finish(() => reject(error)),
      );
    });
  }
  if (result instanceof Transform && '_handle' in result) holdWhileCompressing(result as CompressionStream, context);
  return result;
}

function isFileHandle(value: unknown): value is object {
  return typeof value === 'object' && value !== null && value.constructor?.name === 'FileHandle';
}

/** An object whose methods use the thread pool, with the clock waiting for them, as in {@link heldModule}. */
export function heldObject<T extends object>(object: T, context: SandboxContext): T {
  return new Proxy(object, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? heldFunction((value as AnyFunction).bind(target), target, context) : value;
    },
  });
}

/** The parts of Node's compression streams that show when their thread is working. */
interface CompressionStream extends Transform {
  readonly _handle: { write?: AnyFunction } | null;
}

/**
 * The clock waits while a thread compresses, but not while the stream waits for its reader, who may be waiting for time
 * to pass.
 */
function holdWhileCompressing(stream: CompressionStream, context: SandboxContext): void {
  const handle = stream._handle;
  if (handle?.write === undefined) return;
  let work: Work | undefined;
  const stop = () => {
    work?.end();
    work = undefined;
  };
  const write = handle.write;
  handle.write = function (...args) {
    stop();
    work = context.work();
    // Its result cannot be held back like others, so its start waits instead.
    work.inTurn(() => {
      if (stream.destroyed) stop();
      else Reflect.apply(write, this, args);
    });
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
