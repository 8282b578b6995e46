import crypto from 'node:crypto';
import type { Random } from '../../clock';
import type { ModuleExports } from './http';
import type { SandboxContext } from './sandbox-context';
import { realGlobal } from './realm';
import { heldObject } from './thread-pool';

/** The global `crypto` of a sandbox. The clock waits for its work on the thread pool. */
export function virtualWebcrypto(
  context: SandboxContext,
  random: SeededRandomness | undefined,
): typeof crypto.webcrypto {
  const subtle = heldObject(crypto.webcrypto.subtle, context);
  return new Proxy(crypto.webcrypto, {
    get: (target, name) => {
      if (name === 'subtle') return subtle;
      if (random !== undefined && (name === 'randomUUID' || name === 'getRandomValues')) return random.crypto[name];
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The source of a sandbox's randomness: `Math` and `node:crypto`, drawing from a seed. */
export interface SeededRandomness {
  readonly math: Math;
  /** The replacements of functions in `node:crypto`. */
  readonly crypto: ModuleExports;
}

/** The same seed gives the same numbers, UUIDs and bytes. Keys are still truly random. */
export function seededRandomness(random: Random): SeededRandomness {
  const fill = <T extends NodeJS.ArrayBufferView | ArrayBuffer>(buffer: T, from = 0, length?: number): T => {
    const bytes = ArrayBuffer.isView(buffer)
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new Uint8Array(buffer);
    const end = length === undefined ? bytes.length : from + length;
    for (let i = from; i < end; i++) bytes[i] = random.integer(0, 255);
    return buffer;
  };
  const randomUUID = () => random.uuid();
  const randomBytes = (size: number, callback?: (error: null, bytes: Buffer) => void) => {
    const bytes = fill(Buffer.alloc(size));
    if (callback === undefined) return bytes;
    process.nextTick(callback, null, bytes);
    return undefined;
  };
  const randomInt = (...args: unknown[]) => {
    const callback = args.find((arg) => typeof arg === 'function') as ((e: null, n: number) => void) | undefined;
    const bounds = args.filter((arg): arg is number => typeof arg === 'number');
    const [from, to] = bounds.length > 1 ? bounds : [0, bounds[0]];
    const drawn = random.integer(from, to - 1);
    if (callback === undefined) return drawn;
    process.nextTick(callback, null, drawn);
    return undefined;
  };
  return {
    math: Object.create(realGlobal.Math, {
      random: { value: () => random.next(), writable: true, configurable: true },
    }) as Math,
    crypto: {
      randomUUID,
      randomBytes,
      pseudoRandomBytes: randomBytes,
      randomInt,
      randomFillSync: fill,
      randomFill: (buffer: NodeJS.ArrayBufferView, ...args: unknown[]) => {
        const numbers = args.filter((arg): arg is number => typeof arg === 'number');
        fill(buffer, ...numbers);
        process.nextTick(args[args.length - 1] as (e: null, b: NodeJS.ArrayBufferView) => void, null, buffer);
      },
      getRandomValues: (buffer: NodeJS.ArrayBufferView) => fill(buffer),
    },
  };
}
