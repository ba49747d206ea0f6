import { describe, expect, it } from 'vitest';
import { TinyPackedRing } from './fixtures/tiny-packed-ring.ts';
import { INDIRECT, NEXT, tinyMemory, WRITE } from './fixtures/tiny-ring.ts';
import { PackedVirtqueue } from './packed-virtqueue.ts';
import { PhysicalQueueMemory } from './queue-memory.ts';
import type { Chain } from './virtqueue.ts';

const SIZE = 8;
const AVAIL = 0x80;
const USED = 0x8000;
const WRAP = 0x8000;

const readable = (len = 20, addr = 0x4000n) => ({ addr, len });
const writable = (len = 4, addr = 0x5000n) => ({ addr, len, flags: WRITE });

function ringed({ eventIdx = false, indirect = true, size = SIZE } = {}) {
  const { memory, ram } = tinyMemory();
  const ring = new TinyPackedRing(ram, 0x1000, size);
  const queue = new PackedVirtqueue(new PhysicalQueueMemory(memory), {
    size,
    desc: BigInt(ring.desc),
    driver: BigInt(ring.driverEvent),
    device: BigInt(ring.deviceEvent),
    eventIdx,
    indirect,
  });
  const pop = (): Chain => {
    const taken = queue.popAvail();
    if (taken?.outcome !== 'chain') throw new Error(`no chain: ${taken?.reason}`);
    return taken;
  };
  return { memory, ram, ring, queue, pop };
}

describe('a packed virtqueue', () => {
  it('takes a list of two descriptors and marks the first used', () => {
    const { ring, queue } = ringed();
    expect(queue.popAvail()).toBeUndefined();
    ring.offer([readable(), writable()], 5);
    expect(queue.popAvail()).toMatchObject({
      outcome: 'chain',
      headIndex: 5,
      slotCount: 2,
      availIdx: WRAP,
      readableCount: 1,
      readableLength: 20,
      writableLength: 4,
      descriptors: [
        { table: 'direct', index: 0, addr: 0x4000n, len: 20, flags: NEXT | AVAIL, id: 5 },
        { table: 'direct', index: 1, addr: 0x5000n, len: 4, flags: WRITE | AVAIL, id: 5 },
      ],
    });
    expect(queue.popAvail()).toBeUndefined();
    expect(queue.addUsed({ headIndex: 5, slotCount: 2 }, 4)).toBe(true);
    expect(ring.takeUsed()).toEqual([{ slot: 0, id: 5, len: 4, written: true }]);
    expect(ring.flagsAt(0)).toBe(AVAIL | USED | WRITE);
    expect(ring.flagsAt(1)).toBe(WRITE | AVAIL);
  });

  it('says by WRITE whether anything was written', () => {
    const { ring, queue, pop } = ringed();
    ring.offer([writable()], 1);
    queue.addUsed(pop(), 0);
    expect(ring.takeUsed()).toEqual([{ slot: 0, id: 1, len: 0, written: false }]);
  });

  it.each([1, 3, 7, 8, 100])('goes round a ring of %i entries with lists of every length', (size) => {
    const { ring, queue, pop } = ringed({ size });
    for (let round = 0; round < 1000; round++) {
      const length = (round % Math.min(size, 4)) + 1;
      ring.offer(
        Array.from({ length }, () => writable(1)),
        round % 0x1_0000,
      );
      const chain = pop();
      expect(chain.slotCount).toBe(length);
      queue.addUsed(chain, 1);
      expect(ring.takeUsed().map(({ id }) => id)).toEqual([round]);
    }
    expect(queue.popAvail()).toBeUndefined();
  });

  it('returns buffers out of order, from the first free slot on', () => {
    const { ring, queue, pop } = ringed();
    ring.offer([readable(), writable()], 10);
    ring.offer([writable()], 11);
    ring.offer([readable(), writable()], 12);
    const [first, second, third] = [pop(), pop(), pop()];
    queue.addUsed(third, 4);
    queue.addUsed(first, 4);
    queue.addUsed(second, 4);
    expect(ring.takeUsed().map(({ slot, id }) => [slot, id])).toEqual([
      [0, 12],
      [2, 10],
      [4, 11],
    ]);
  });

  it('takes buffer IDs of 16 bits, below the queue size or not', () => {
    const { ring, pop } = ringed();
    ring.offer([writable()], 0xffff);
    ring.offer([writable()], 0);
    expect([pop().headIndex, pop().headIndex]).toEqual([0xffff, 0]);
  });

  it('reads an indirect table whole, and ignores WRITE before it and all flags but WRITE in it', () => {
    const { ring, pop } = ringed();
    ring.describe(0, { addr: 0x4000n, len: 8, flags: NEXT | INDIRECT }, 77, 0x6000);
    ring.describe(1, { addr: 0x4100n, len: 12 }, 78, 0x6000);
    ring.describe(2, { addr: 0x5000n, len: 4, flags: WRITE }, 79, 0x6000);
    ring.offer([{ addr: 0x6000n, len: 48, flags: INDIRECT | WRITE }], 3);
    expect(pop()).toMatchObject({
      headIndex: 3,
      slotCount: 1,
      readableCount: 2,
      readableLength: 20,
      writableLength: 4,
      descriptors: [{ table: 'direct' }, { table: 'indirect' }, { table: 'indirect' }, { table: 'indirect' }],
    });
  });

  it('takes no more from memory that has been removed', () => {
    const { ring, queue, pop, memory } = ringed();
    ring.offer([writable()], 0);
    pop();
    memory.removeRegions(0n, 1n << 40n);
    expect(queue.addUsed({ headIndex: 0, slotCount: 1 }, 1)).toBe(false);
    expect(queue.popAvail()).toMatchObject({ outcome: 'broken', reason: 'ring-not-in-memory' });
    expect(queue.popAvail()).toBeUndefined();
    expect(queue.ringState()).toBeUndefined();
  });
});

describe('a broken list', () => {
  it.each([
    { name: 'an empty descriptor', list: [readable(0), writable()], reason: 'zero-length-descriptor' },
    { name: 'readable after writable', list: [writable(), readable()], reason: 'writable-before-readable' },
    { name: 'memory that is not there', list: [readable(20, 1n << 50n)], reason: 'address-not-in-memory' },
    { name: 'more than 2^32 bytes', list: [writable(2 ** 32 - 1), writable(2)], reason: 'address-not-in-memory' },
    {
      name: 'INDIRECT in a list',
      list: [readable(), { addr: 0x6000n, len: 16, flags: INDIRECT }],
      reason: 'indirect-in-list',
    },
    { name: 'an empty table', list: [{ addr: 0x6000n, len: 0, flags: INDIRECT }], reason: 'indirect-empty' },
    {
      name: 'an odd table',
      list: [{ addr: 0x6000n, len: 24, flags: INDIRECT }],
      reason: 'indirect-length-not-multiple-of-16',
    },
    {
      name: 'a table longer than the queue',
      list: [{ addr: 0x6000n, len: 16 * 9, flags: INDIRECT }],
      reason: 'chain-longer-than-queue',
    },
    {
      name: 'a table that is not there',
      list: [{ addr: 1n << 50n, len: 16, flags: INDIRECT }],
      reason: 'address-not-in-memory',
    },
  ])('with $name is told apart, and can be returned', ({ list, reason }) => {
    const { ring, queue, pop } = ringed();
    ring.offer(list, 9);
    expect(queue.popAvail()).toMatchObject({ outcome: 'broken', reason, headIndex: 9, slotCount: list.length });
    queue.addUsed({ headIndex: 9, slotCount: list.length }, 0);
    expect(ring.takeUsed()).toMatchObject([{ slot: 0, id: 9, written: false }]);
    ring.offer([readable(), writable()], 9);
    expect(pop().headIndex).toBe(9);
  });

  it('has INDIRECT only if that was negotiated', () => {
    const { ring, queue } = ringed({ indirect: false });
    ring.offer([{ addr: 0x6000n, len: 16, flags: INDIRECT }], 1);
    expect(queue.popAvail()).toMatchObject({ reason: 'indirect-not-negotiated', headIndex: 1 });
  });

  it('that goes on where nothing is available ends all', () => {
    const { ring, queue } = ringed();
    ring.describe(0, { ...readable(), flags: NEXT | AVAIL });
    expect(queue.popAvail()).toMatchObject({
      reason: 'list-incomplete',
      descriptors: [{ index: 0 }, { index: 1, addr: 0n, len: 0 }],
    });
    expect(queue.popAvail()).toBeUndefined();
    expect(queue.addUsed({ headIndex: 0, slotCount: 1 }, 0)).toBe(false);
  });

  it('that waits for descriptors which the device still has ends all', () => {
    const { ring, queue, pop } = ringed();
    for (let id = 0; id < SIZE - 1; id++) {
      ring.offer([writable()], id);
      pop();
    }
    ring.describe(SIZE - 1, { ...readable(), flags: NEXT | AVAIL });
    expect(queue.popAvail()).toMatchObject({ reason: 'list-without-room' });
    expect(queue.popAvail()).toBeUndefined();
  });

  it('without an end ends all', () => {
    const { ring, queue } = ringed();
    for (let slot = 0; slot < SIZE; slot++) ring.describe(slot, { ...writable(), flags: WRITE | NEXT | AVAIL });
    expect(queue.popAvail()).toMatchObject({ reason: 'chain-longer-than-queue' });
    expect(queue.popAvail()).toBeUndefined();
  });

  it('under an ID that the device still has ends all', () => {
    const { ring, queue, pop } = ringed();
    ring.offer([writable()], 4);
    ring.offer([writable()], 4);
    pop();
    expect(queue.popAvail()).toMatchObject({ reason: 'buffer-id-in-flight' });
    expect(queue.popAvail()).toBeUndefined();
  });

  it('in slots that the device has not used yet ends all', () => {
    const { ring, queue, pop } = ringed();
    for (let id = 0; id < SIZE; id++) ring.offer([writable()], id);
    for (let id = 0; id < SIZE; id++) pop();
    ring.offer([writable()], SIZE);
    expect(queue.popAvail()).toMatchObject({ reason: 'ring-overrun' });
  });

  it.each([
    { flags: USED, reason: 'wrap-counter-wrong', name: 'of the other round' },
    { flags: AVAIL | USED, reason: 'descriptor-marks-wrong', name: 'of a used descriptor' },
    { flags: WRITE, reason: 'descriptor-marks-wrong', name: 'left out' },
  ])('with marks $name is told of after a notification, once, and the ring goes on', ({ flags, reason }) => {
    const { ring, queue, pop } = ringed();
    ring.describe(0, { ...writable(), flags });
    expect(queue.popAvail()).toBeUndefined();
    queue.notified();
    expect(queue.popAvail()).toMatchObject({ outcome: 'broken', reason, goesOn: true });
    expect(queue.popAvail()).toBeUndefined();
    ring.offer([writable()], 1);
    expect(pop().headIndex).toBe(1);
  });

  it('that changes while the device has it is told of, and the ring goes on', () => {
    const { ring, queue, pop } = ringed();
    ring.offer([writable()], 0);
    const chain = pop();
    ring.describe(0, { ...writable(), flags: WRITE | AVAIL | 8 });
    queue.addUsed(chain, 4);
    expect(queue.popAvail()).toMatchObject({ reason: 'descriptor-changed', goesOn: true });
    ring.offer([writable()], 1);
    expect(pop().headIndex).toBe(1);
  });

  it('that was overwritten by the next round before the device saw it is told of', () => {
    const { ring, queue } = ringed({ size: 4 });
    for (let id = 0; id < 5; id++) ring.offer([writable()], id);
    queue.notified();
    expect(queue.popAvail()).toMatchObject({ reason: 'ring-overrun', goesOn: true });
  });

  it('is not suspected after a notification for nothing, in any round', () => {
    const { ring, queue, pop } = ringed();
    for (let round = 0; round < 3 * SIZE; round++) {
      queue.notified();
      expect(queue.popAvail()).toBeUndefined();
      ring.offer(round % 3 === 0 ? [readable(), writable()] : [writable()], 0);
      queue.addUsed(pop(), 1);
    }
  });

  it('is not seen in descriptors that are used, or left from the round before', () => {
    const { ring, queue } = ringed();
    ring.describe(0, { ...writable(), flags: AVAIL | USED });
    expect(queue.popAvail()).toBeUndefined();
    ring.describe(0, { ...writable(), flags: USED });
    expect(queue.popAvail()).toBeUndefined();
  });
});

/** One buffer comes and goes. */
function useOne(queue: PackedVirtqueue, ring: TinyPackedRing): void {
  ring.offer([writable()], 0);
  queue.popAvail();
  queue.addUsed({ headIndex: 0, slotCount: 1 }, 1);
}

describe('interrupts of a packed ring', () => {
  it.each([
    { flags: 0, wanted: true },
    { flags: 1, wanted: false },
    { flags: 2, wanted: true },
    { flags: 3, wanted: true },
  ])('are $wanted with flags $flags and no event index', ({ flags, wanted }) => {
    const { ring, queue } = ringed();
    ring.setDriverEvent(0, flags);
    useOne(queue, ring);
    expect(queue.needsInterrupt()).toBe(wanted);
    expect(queue.needsInterrupt()).toBe(false);
  });

  it('come when the descriptor at the event offset is used, in the round that its wrap counter names', () => {
    const { ring, queue } = ringed({ eventIdx: true });
    const told: number[] = [];
    for (let at = 0; at < 4 * SIZE; at++) {
      // Slot 3 in the second and the fourth round.
      ring.setDriverEvent(3, 2);
      useOne(queue, ring);
      if (queue.needsInterrupt()) told.push(at);
    }
    expect(told).toEqual([SIZE + 3, 3 * SIZE + 3]);
  });

  it('come once for several buffers that go past the event offset', () => {
    const { ring, queue, pop } = ringed({ eventIdx: true });
    ring.setDriverEvent(2 | WRAP, 2);
    for (let id = 0; id < 4; id++) ring.offer([writable()], id);
    const chains = [pop(), pop(), pop(), pop()];
    for (const chain of chains) queue.addUsed(chain, 1);
    expect(queue.needsInterrupt()).toBe(true);
  });

  it('come if the event offset lies inside the list that was returned', () => {
    const { ring, queue, pop } = ringed({ eventIdx: true });
    ring.setDriverEvent(1 | WRAP, 2);
    ring.offer([readable(), writable()], 0);
    queue.addUsed(pop(), 4);
    expect(queue.needsInterrupt()).toBe(true);
  });
});

describe('notifications of a packed ring', () => {
  it('are asked for and refused by the flags without event index', () => {
    const { ring, queue } = ringed();
    expect(queue.enableNotifications()).toBe(false);
    expect(ring.wanted.flags).toBe(0);
    queue.suppressNotifications();
    expect(ring.wanted.flags).toBe(1);
    ring.offer([writable()], 0);
    expect(queue.enableNotifications()).toBe(true);
    expect(ring.wanted.flags).toBe(0);
  });

  it('are asked for at the next list with event index, in any round', () => {
    const { ring, queue, pop } = ringed({ eventIdx: true, size: 3 });
    for (let round = 0; round < 10; round++) {
      expect(queue.enableNotifications()).toBe(false);
      expect(ring.wanted).toEqual({ desc: ring.position, flags: 2 });
      ring.offer([writable()], 0);
      queue.addUsed(pop(), 1);
    }
  });

  it('are asked for behind the buffers that the device leaves where they are', () => {
    const { ring, queue } = ringed({ eventIdx: true });
    ring.offer([readable(), writable()], 0);
    ring.offer([writable()], 1);
    queue.enableNotifications();
    expect(queue.ringState()).toEqual({ position: ring.position, flags: 2, event: ring.position });
  });

  it('tell where the driver is, in any round', () => {
    const { ring, queue, pop } = ringed({ size: 3 });
    for (let round = 0; round < 10; round++) {
      ring.offer([writable()], 0);
      expect(queue.ringState()?.position).toBe(ring.position);
      queue.addUsed(pop(), 1);
    }
  });
});
