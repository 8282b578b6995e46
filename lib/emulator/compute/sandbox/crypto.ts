import crypto from 'node:crypto';
import type { Random } from '../../clock';
import type { ModuleExports } from './http';
import { realGlobal } from './realm';

/** The source of randomness of a sandbox: `Math`, `node:crypto` and the global `crypto`, drawing from a seed. */
export interface SeededRandomness {
  readonly math: Math;
  /** What replaces its namesakes in `node:crypto`. */
  readonly crypto: ModuleExports;
  readonly webcrypto: typeof crypto.webcrypto;
}

/** The same seed gives the same numbers, UUIDs and bytes. Keys are real ones still. */
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
  const webcrypto = new Proxy(crypto.webcrypto, {
    get: (target, name) => {
      if (name === 'randomUUID') return randomUUID;
      if (name === 'getRandomValues') return (buffer: NodeJS.ArrayBufferView) => fill(buffer);
      return Reflect.get(target, name) as unknown;
    },
  });
  return {
    math: Object.create(realGlobal.Math, {
      random: { value: () => random.next(), writable: true, configurable: true },
    }) as Math,
    webcrypto,
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
      webcrypto,
    },
  };
}
