import { isIPv4, isIPv6 } from 'node:net';
import { availabilityZones } from '../availability-zones';
import type { Intrinsic } from './evaluator';

const getAzs: Intrinsic = (argument, evaluator, path) => {
  const region = evaluator.text(argument, path);
  return availabilityZones(region === '' ? evaluator.scope.region : region);
};

/** `[block, count, bits]`: `count` blocks of `bits` host bits each, from the beginning of `block`. */
const cidr: Intrinsic = (argument, evaluator, path) => {
  const [blockPart, countPart, bitsPart] = evaluator.arguments(argument, path, 2, 3);
  const block = evaluator.text(blockPart, `${path}.0`);
  const count = Number(evaluator.text(countPart, `${path}.1`));
  const [address, prefixText] = block.split('/');
  const width = isIPv4(address) ? 32 : 128;
  const prefix = Number(prefixText);
  if (!(isIPv4(address) || isIPv6(address)) || !Number.isInteger(prefix) || prefix < 0 || prefix > width) {
    return evaluator.fail(`${path}.0`, `must be a CIDR block, but was ${block}`);
  }
  const bits = bitsPart === undefined ? 8 : Number(evaluator.text(bitsPart, `${path}.2`));
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    return evaluator.fail(`${path}.1`, `must be a whole number from 1 to 256, but was ${count}`);
  }
  if (!Number.isInteger(bits) || bits < 0 || bits > width) {
    return evaluator.fail(`${path}.2`, `must be a whole number from 0 to ${width}, but was ${bits}`);
  }
  const size = 1n << BigInt(bits);
  const room = 1n << BigInt(width - prefix);
  if (size * BigInt(count) > room)
    return evaluator.fail(path, `${count} blocks of /${width - bits} do not fit ${block}`);
  const start = (parse(address) / room) * room;
  return Array.from({ length: count }, (_, i) => `${format(start + BigInt(i) * size, width)}/${width - bits}`);
};

function parse(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head, tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = tail === undefined ? head : [...head, ...zeros(8 - head.length - tail.length), ...tail];
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function zeros(count: number): string[] {
  return Array.from({ length: count }, () => '0');
}

function format(address: bigint, width: number): string {
  const [size, separator, radix] = width === 32 ? [8n, '.', 10] : [16n, ':', 16];
  const groups: string[] = [];
  for (let shift = BigInt(width) - size; shift >= 0n; shift -= size) {
    groups.push(((address >> shift) & ((1n << size) - 1n)).toString(radix));
  }
  // The longest usual case is enough: a run of zeros at the end, as networks have.
  return width === 32 ? groups.join(separator) : groups.join(separator).replace(/(:0){1,7}$/, '::');
}

/** The functions of networking. */
export const networks: Readonly<Record<string, Intrinsic>> = { 'Fn::GetAZs': getAzs, 'Fn::Cidr': cidr };
