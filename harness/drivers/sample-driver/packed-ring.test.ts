import { expect, it } from 'vitest';
import type { DriverFaultName } from './driver-faults.ts';
import { PackedRing, packedRingLength } from './packed-ring.ts';

const SIZE = 3;
const AVAIL = 0x80;
const USED = 0x8000;

/** Puts one buffer after the other on a ring of three, each used at once; the addresses that then stand in its descriptors. */
function ringAfter(buffers: number, faults: ReadonlySet<DriverFaultName>): bigint[] {
  const view = new DataView(new ArrayBuffer(packedRingLength(4)));
  const ring = new PackedRing(view, 0, SIZE, { indirect: false, eventIdx: false, inOrder: false }, faults);
  for (let buffer = 0; buffer < buffers; buffer++) {
    const id = ring.place([{ bus: BigInt(0x1000 * (buffer + 1)), length: 8, writable: true }]);
    ring.publish();
    const at = 16 * (buffer % SIZE);
    const isFirstRound = Math.floor(buffer / SIZE) % 2 === 0;
    view.setUint16(at + 14, isFirstRound ? AVAIL | USED : 0, true);
    if (ring.takeUsed() && id !== undefined) ring.release(id);
  }
  return Array.from({ length: SIZE }, (_, index) => view.getBigUint64(16 * index, true));
}

it('a packed ring may have a size that is no power of two', () => {
  expect(ringAfter(5, new Set())).toEqual([0x4000n, 0x5000n, 0x3000n]);
  expect(ringAfter(5, new Set(['packed-mask']))).not.toEqual([0x4000n, 0x5000n, 0x3000n]);
});
