import { describe, expect, it } from 'vitest';
import { TinyPackedRing } from './fixtures/tiny-packed-ring.ts';
import { tinyMemory, TinyRing, WRITE } from './fixtures/tiny-ring.ts';
import { InOrderVirtqueue } from './in-order-virtqueue.ts';
import { PackedVirtqueue } from './packed-virtqueue.ts';
import { PhysicalQueueMemory } from './queue-memory.ts';
import { SplitVirtqueue } from './split-virtqueue.ts';

const SIZE = 8;
const BUFFER = { addr: 0x5000n, len: 4, flags: WRITE };

function split(batches: boolean) {
  const { memory, ram } = tinyMemory();
  const ring = new TinyRing(ram, 0x1000, SIZE);
  const place = { desc: BigInt(ring.desc), driver: BigInt(ring.avail), device: BigInt(ring.used) };
  const inner = new SplitVirtqueue(new PhysicalQueueMemory(memory), {
    size: SIZE,
    ...place,
    eventIdx: false,
    indirect: false,
  });
  const queue = new InOrderVirtqueue(inner, batches);
  const offer = (head: number): void => {
    ring.describe(head, BUFFER);
    ring.offer(head);
    queue.popAvail();
  };
  const addUsed = (headIndex: number, usedLength = 4): boolean =>
    queue.addUsed({ headIndex, slotCount: 1 }, usedLength);
  return { ring, ram, queue, offer, addUsed };
}

function packed(batches: boolean) {
  const { memory, ram } = tinyMemory();
  const ring = new TinyPackedRing(ram, 0x1000, SIZE);
  const place = { desc: BigInt(ring.desc), driver: BigInt(ring.driverEvent), device: BigInt(ring.deviceEvent) };
  const inner = new PackedVirtqueue(new PhysicalQueueMemory(memory), {
    size: SIZE,
    ...place,
    eventIdx: false,
    indirect: false,
  });
  return { ring, queue: new InOrderVirtqueue(inner, batches) };
}

describe('a ring that returns buffers in order', () => {
  it('keeps a buffer back until those before it are done', () => {
    const { ring, offer, addUsed } = split(false);
    for (const head of [0, 1, 2]) offer(head);
    addUsed(2);
    addUsed(1);
    expect(ring.takeUsed()).toEqual([]);
    addUsed(0);
    expect(ring.takeUsed().map(({ id }) => id)).toEqual([0, 1, 2]);
  });

  it('returns what it never took at once', () => {
    const { ring, addUsed } = split(false);
    addUsed(7, 0);
    expect(ring.takeUsed()).toEqual([{ id: 7, len: 0 }]);
  });

  it('takes two buffers of one head for two', () => {
    const { ring, offer, addUsed } = split(false);
    offer(1);
    offer(1);
    addUsed(1, 1);
    addUsed(1, 2);
    expect(ring.takeUsed()).toEqual([
      { id: 1, len: 1 },
      { id: 1, len: 2 },
    ]);
  });

  it('does not remember more than a ring holds', () => {
    const { queue, ring, offer, addUsed } = split(false);
    for (let count = 0; count < 3 * SIZE; count++) offer(count % SIZE);
    expect(queue.popAvail()).toBeUndefined();
    for (let count = 0; count < 3 * SIZE; count++) addUsed(count % SIZE);
    expect(ring.usedIdx).toBe(3 * SIZE);
  });
});

describe('a ring that returns buffers in batches', () => {
  it('writes one used entry at the place of the first, and moves idx by all of them', () => {
    const { ring, ram, queue, offer, addUsed } = split(true);
    for (const head of [0, 1, 2]) offer(head);
    for (const head of [0, 1, 2]) addUsed(head);
    expect(ring.usedIdx).toBe(0);
    queue.needsInterrupt();
    expect(ring.usedIdx).toBe(3);
    expect(ram.getUint32(ring.used + 4, true)).toBe(2);
    offer(3);
    addUsed(3);
    queue.needsInterrupt();
    expect(ring.usedIdx).toBe(4);
    expect(ram.getUint32(ring.used + 4 + 8 * 3, true)).toBe(3);
  });

  it('ends a batch with a buffer that was not written completely', () => {
    const { ring, ram, queue, offer, addUsed } = split(true);
    for (const head of [0, 1, 2, 3]) offer(head);
    addUsed(0);
    addUsed(1, 0);
    addUsed(2);
    addUsed(3);
    queue.needsInterrupt();
    expect(ring.usedIdx).toBe(4);
    expect([0, 2].map((slot) => ram.getUint32(ring.used + 4 + 8 * slot, true))).toEqual([1, 3]);
    expect(ram.getUint32(ring.used + 8, true)).toBe(0);
  });

  it('marks one descriptor of a packed ring used and skips the slots of all', () => {
    const { ring, queue } = packed(true);
    const read = { addr: 0x4000n, len: 4 };
    ring.offer([read, BUFFER], 3);
    ring.offer([BUFFER], 4);
    ring.offer([read, read, BUFFER], 5);
    const chains = [queue.popAvail(), queue.popAvail(), queue.popAvail()];
    for (const chain of chains) if (chain?.outcome === 'chain') queue.addUsed(chain, 4);
    queue.needsInterrupt();
    expect(ring.takeUsed(6)).toEqual([{ slot: 0, id: 5, len: 4, written: true }]);
    ring.offer([BUFFER], 6);
    const next = queue.popAvail();
    if (next?.outcome === 'chain') queue.addUsed(next, 4);
    queue.needsInterrupt();
    expect(ring.takeUsed()).toEqual([{ slot: 6, id: 6, len: 4, written: true }]);
  });

  it('has none of the buffers of a batch any more, whose IDs the driver may use again', () => {
    const { ring, queue } = packed(true);
    for (const id of [1, 2, 1, 2]) {
      ring.offer([BUFFER], id);
      const chain = queue.popAvail();
      expect(chain?.outcome).toBe('chain');
      if (chain?.outcome === 'chain') queue.addUsed(chain, 4);
      if (id === 2) queue.needsInterrupt();
    }
  });
});
