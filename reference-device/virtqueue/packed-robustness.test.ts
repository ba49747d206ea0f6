/** Packed rings full of anything: every walk ends, nothing throws, and at most as much is taken as a ring can hold. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { GuestMemory } from '../memory/guest-memory.ts';
import { InOrderVirtqueue } from './in-order-virtqueue.ts';
import { PackedVirtqueue } from './packed-virtqueue.ts';
import { PhysicalQueueMemory } from './queue-memory.ts';

const RUNS = 300;
const RAM_BYTES = 0x1000;

/** A descriptor that has a chance to be a good one: marks, flags and addresses as drivers use them, or anything. */
const descriptor = fc.record({
  slot: fc.nat(15),
  addr: fc.oneof(fc.nat(RAM_BYTES), fc.nat()),
  len: fc.oneof(fc.constantFrom(0, 1, 4, 16, 32, 48, 256), fc.nat()),
  id: fc.oneof(fc.nat(4), fc.nat(0xffff)),
  flags: fc.oneof(
    fc.tuple(fc.nat(7), fc.constantFrom(0, 0x80, 0x8000, 0x8080)).map(([low, marks]) => low | marks),
    fc.nat(0xffff),
  ),
});

const step = fc.oneof(
  { weight: 4, arbitrary: descriptor.map((write) => ({ do: 'write' as const, write })) },
  { weight: 3, arbitrary: fc.constant({ do: 'pop' as const }) },
  { weight: 3, arbitrary: fc.nat(0xffff).map((id) => ({ do: 'return' as const, id })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ do: 'notify' as const }, { do: 'enable' as const }, { do: 'suppress' as const }),
  },
  { weight: 1, arbitrary: fc.tuple(fc.nat(0xffff), fc.nat(0xffff)).map((event) => ({ do: 'event' as const, event })) },
);

it('survives every sequence of writes, looks and returns', () => {
  const property = fc.property(
    fc.record({ size: fc.integer({ min: 1, max: 16 }), eventIdx: fc.boolean(), inOrder: fc.boolean() }),
    fc.array(step, { maxLength: 60 }),
    ({ size, eventIdx, inOrder }, steps) => {
      const memory = new GuestMemory();
      const ram = new DataView(new ArrayBuffer(RAM_BYTES));
      memory.addRegion(0n, new Uint8Array(ram.buffer));
      const place = { size, desc: 0n, driver: 0x200n, device: 0x204n, eventIdx, indirect: true };
      const ring = new PackedVirtqueue(new PhysicalQueueMemory(memory), place);
      const queue = inOrder ? new InOrderVirtqueue(ring, true) : ring;
      const held: { headIndex: number; slotCount: number }[] = [];
      for (const action of steps) {
        if (action.do === 'write') {
          const { slot, addr, len, id, flags } = action.write;
          ram.setBigUint64(16 * slot, BigInt(addr), true);
          ram.setUint32(16 * slot + 8, len, true);
          ram.setUint16(16 * slot + 12, id, true);
          ram.setUint16(16 * slot + 14, flags, true);
        } else if (action.do === 'pop') {
          const taken = queue.popAvail();
          expect(taken?.descriptors.length ?? 0).toBeLessThanOrEqual(2 * size);
          if (taken?.headIndex !== undefined)
            held.push({ headIndex: taken.headIndex, slotCount: taken.slotCount ?? 1 });
          expect(held.reduce((sum, { slotCount }) => sum + slotCount, 0)).toBeLessThanOrEqual(size);
        } else if (action.do === 'return') {
          const [buffer] = held.splice(action.id % Math.max(held.length, 1), 1);
          if (buffer) queue.addUsed(buffer, action.id);
          queue.needsInterrupt();
        } else if (action.do === 'notify') {
          queue.notified();
          queue.ringState();
        } else if (action.do === 'event') {
          ram.setUint16(0x200, action.event[0], true);
          ram.setUint16(0x202, action.event[1], true);
        } else if (action.do === 'enable') {
          queue.enableNotifications();
        } else {
          queue.suppressNotifications();
        }
      }
    },
  );
  fc.assert(property, { numRuns: RUNS });
});
