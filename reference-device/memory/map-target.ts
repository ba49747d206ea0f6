/** What lies in guest-physical space, as far as a device can know: RAM that it was given, and registers with fixed places. */
import { DOORBELL_RANGE, WINDOWS } from '../machine-setup.ts';
import type { MapTarget } from '../trace-events.ts';
import { type GuestMemory, overlap } from './guest-memory.ts';

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** Where RAM does not lie, registers do. */
const REGISTERS: readonly Range[] = [
  DOORBELL_RANGE,
  ...Object.values(WINDOWS).map(({ address, length }) => ({
    start: BigInt(address),
    end: BigInt(address + length) - 1n,
  })),
];

/** What a mapping to `start`..`end`, both inclusive, leads to. */
export function mapTarget(memory: GuestMemory, start: bigint, end: bigint): MapTarget {
  const ram = memory.bytesWithin(start, end);
  const registers = REGISTERS.reduce((sum, range) => {
    const from = start > range.start ? start : range.start;
    const to = end < range.end ? end : range.end;
    return sum + overlap(start, end, range.start, range.end) - memory.bytesWithin(from, to);
  }, 0n);
  return { memory: ram > 0n, registers: registers > 0n, elsewhere: ram + registers < end - start + 1n };
}
