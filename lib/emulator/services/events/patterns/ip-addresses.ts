import { BlockList, isIP } from 'node:net';
import { InvalidPattern } from './json-tokens';

/** Whether a string is an address in a range. */
export type IsInRange = (text: string) => boolean;

/**
 * Compiles a range such as `10.0.0.0/24`.
 * @throws InvalidPattern without a position, as EventBridge reports these
 */
export function readRange(text: string): IsInRange {
  const parts = text.split('/');
  if (parts.length !== 2 || parts[1] === '') throw new InvalidPattern("Malformed CIDR, one '/' required");
  const [address, mask] = parts;
  if (!/^[+-]?\d+$/.test(mask)) throw new InvalidPattern('Malformed CIDR, mask bits must be an integer');
  const bits = Number(mask);
  if (bits < 0) throw new InvalidPattern('Malformed CIDR, mask bits must not be negative');
  const version = versionOf(address);
  if (version === 0) {
    const reason = /^[\d.]+$|^[\da-fA-F:.]+$/.test(address) ? 'Invalid' : 'Nonstandard';
    throw new InvalidPattern(`${reason} IP address: ${address}`);
  }
  const longest = version === 6 ? 128 : 32;
  if (bits >= longest) throw new InvalidPattern(`IPv${version} mask bits must be < ${longest}`);
  return inSubnet(address, bits, version);
}

/** Compiles a string that is an address: other spellings of it are equal. Returns undefined if it is not. */
export function readAddress(text: string): IsInRange | undefined {
  const version = versionOf(text);
  return version === 0 ? undefined : inSubnet(text, version === 6 ? 128 : 32, version);
}

function inSubnet(address: string, bits: number, version: 4 | 6): IsInRange {
  const range = new BlockList();
  const family = version === 6 ? 'ipv6' : 'ipv4';
  range.addSubnet(address, bits, family);
  // A BlockList also takes an IPv4 address for the IPv6 address that it can be mapped to.
  return (text) => versionOf(text) === version && range.check(text, family);
}

function versionOf(text: string): 0 | 4 | 6 {
  // Addresses with a zone, such as fe80::1%eth0, are not written in events.
  return text.includes('%') ? 0 : (isIP(text) as 0 | 4 | 6);
}
