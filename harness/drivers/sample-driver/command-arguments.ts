/** Arguments of commands, read and bounded. */
import type { Access } from './mapping-rules.ts';

export type Arguments = Readonly<Record<string, string>>;

/** A command that cannot be carried out as it was given; becomes a `not ok`. */
export class BadArgument extends Error {}

/** No buffer and no range of the driver's contract is longer. */
const LONGEST = 1 << 30;
const NUMBER = /^(0x[0-9a-f]{1,16}|[0-9]{1,20})$/i;

/** The word after `name=`. */
export function word(args: Arguments, name: string): string {
  const value = args[name];
  if (value === undefined || value === '') throw new BadArgument(`${name}= is missing`);
  return value;
}

/** A 64-bit number, decimal or hexadecimal. */
export function address(args: Arguments, name: string): bigint {
  const text = word(args, name);
  const value = NUMBER.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value >= 1n << 64n) throw new BadArgument(`${name}=${text} is no 64-bit number`);
  return value;
}

/** A number of bytes. */
export function size(args: Arguments, name: string, least = 0): number {
  const value = address(args, name);
  if (value < BigInt(least) || value > BigInt(LONGEST))
    throw new BadArgument(`${name}=${word(args, name)} is out of bounds`);
  return Number(value);
}

/** A range's length, which may reach to the end of the address space. */
export function rangeLength(args: Arguments): bigint {
  const value = address(args, 'length');
  if (value === 0n) throw new BadArgument('length=0 is out of bounds');
  return value;
}

export function access(args: Arguments): Access {
  const text = word(args, 'access');
  if (text !== 'r' && text !== 'w' && text !== 'rw') throw new BadArgument(`access=${text} is none of r, w and rw`);
  return text;
}

/** Bytes in hexadecimal, two digits each. */
export function hexBytes(args: Arguments, name: string): Uint8Array {
  const text = word(args, name);
  if (!/^([0-9a-f]{2})+$/i.test(text)) throw new BadArgument(`${name}= is no row of hexadecimal bytes`);
  return Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

/** `bytes` in hexadecimal, two digits each. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
