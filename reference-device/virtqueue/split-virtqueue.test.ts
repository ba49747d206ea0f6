import { describe, expect, it } from 'vitest';
import { INDIRECT, NEXT, tinyMemory, TinyRing, WRITE } from './fixtures/tiny-ring.ts';
import { PhysicalQueueMemory } from './queue-memory.ts';
import { SplitVirtqueue } from './split-virtqueue.ts';

const SIZE = 8;

function ringed({ eventIdx = false, indirect = true, misleads = false } = {}) {
  const { memory, ram } = tinyMemory();
  const ring = new TinyRing(ram, 0x1000, SIZE);
  const queue = new SplitVirtqueue(new PhysicalQueueMemory(memory), {
    size: SIZE,
    desc: BigInt(ring.desc),
    driver: BigInt(ring.avail),
    device: BigInt(ring.used),
    eventIdx,
    indirect,
    misleads,
  });
  return { memory, ram, ring, queue };
}

describe('a split virtqueue', () => {
  it('takes a chain of two descriptors and puts it on the used ring', () => {
    const { ring, queue } = ringed();
    ring.describe(3, { addr: 0x4000n, len: 20, flags: NEXT, next: 5 });
    ring.describe(5, { addr: 0x5000n, len: 4, flags: WRITE });
    ring.offer(3);
    expect(queue.popAvail()).toMatchObject({
      outcome: 'chain',
      headIndex: 3,
      availIdx: 1,
      readableCount: 1,
      readableLength: 20,
      writableLength: 4,
      descriptors: [
        { table: 'direct', index: 3, addr: 0x4000n, len: 20, flags: NEXT, next: 5 },
        { table: 'direct', index: 5, addr: 0x5000n, len: 4, flags: WRITE },
      ],
    });
    expect(queue.popAvail()).toBeUndefined();
    expect(queue.addUsed({ headIndex: 3, slotCount: 1 }, 4)).toBe(true);
    expect(ring.takeUsed()).toEqual([{ id: 3, len: 4 }]);
  });

  it('goes round the ring and round the 16-bit indexes', () => {
    const { ring, queue } = ringed();
    ring.describe(0, { addr: 0x4000n, len: 1, flags: WRITE });
    let taken = 0;
    for (let round = 0; round < 70_000; round++) {
      ring.offer(0);
      if (queue.popAvail()?.outcome === 'chain') taken++;
      queue.addUsed({ headIndex: 0, slotCount: 1 }, 1);
    }
    expect(taken).toBe(70_000);
    expect(ring.usedIdx).toBe(70_000 & 0xffff);
  });

  it('follows direct descriptors and then an indirect table, and ignores WRITE on the way there', () => {
    const { ring, queue } = ringed();
    ring.describe(0, { addr: 0x4000n, len: 8, flags: NEXT, next: 1 });
    ring.describe(1, { addr: 0x6000n, len: 32, flags: INDIRECT | WRITE });
    ring.describe(0, { addr: 0x4100n, len: 12, flags: NEXT, next: 1 }, 0x6000);
    ring.describe(1, { addr: 0x5000n, len: 4, flags: WRITE }, 0x6000);
    ring.offer(0);
    expect(queue.popAvail()).toMatchObject({
      outcome: 'chain',
      readableCount: 2,
      readableLength: 20,
      writableLength: 4,
    });
  });

  it('takes no more from memory that has been removed', () => {
    const { ring, queue, memory } = ringed();
    ring.describe(0, { addr: 0x4000n, len: 1, flags: WRITE });
    ring.offer(0);
    expect(queue.popAvail()?.outcome).toBe('chain');
    memory.removeRegions(0n, 1n << 40n);
    expect(queue.addUsed({ headIndex: 0, slotCount: 1 }, 1)).toBe(false);
    expect(queue.popAvail()).toMatchObject({ outcome: 'broken', reason: 'ring-not-in-memory' });
    expect(queue.popAvail()).toBeUndefined();
  });
});

describe('a broken chain', () => {
  const breaks: [string, string, (ring: TinyRing) => void, { indirect?: boolean }?][] = [
    [
      'next past the table',
      'descriptor-index-out-of-range',
      (ring) => {
        ring.describe(0, { addr: 0x4000n, len: 4, flags: NEXT, next: SIZE });
      },
    ],
    [
      'next back to the head',
      'chain-loops',
      (ring) => {
        ring.describe(0, { addr: 0x4000n, len: 4, flags: NEXT, next: 0 });
      },
    ],
    [
      'an indirect table of more descriptors than the queue has',
      'chain-longer-than-queue',
      (ring) => {
        ring.describe(0, { addr: 0x6000n, len: 16 * (SIZE + 1), flags: INDIRECT });
        for (let at = 0; at <= SIZE; at++) {
          ring.describe(at, { addr: 0x4000n, len: 4, flags: at < SIZE ? NEXT : 0, next: at + 1 }, 0x6000);
        }
      },
    ],
    [
      'more than 2^32 bytes',
      'address-not-in-memory',
      (ring) => {
        ring.describe(0, { addr: 0x4000n, len: 0xffff_ffff, flags: NEXT, next: 1 });
      },
    ],
    [
      'INDIRECT without the feature',
      'indirect-not-negotiated',
      (ring) => {
        ring.describe(0, { addr: 0x6000n, len: 16, flags: INDIRECT });
      },
      { indirect: false },
    ],
    [
      'INDIRECT in an indirect table',
      'indirect-nested',
      (ring) => {
        ring.describe(0, { addr: 0x6000n, len: 16, flags: INDIRECT });
        ring.describe(0, { addr: 0x7000n, len: 16, flags: INDIRECT }, 0x6000);
      },
    ],
    [
      'INDIRECT with NEXT',
      'indirect-with-next',
      (ring) => {
        ring.describe(0, { addr: 0x6000n, len: 16, flags: INDIRECT | NEXT, next: 1 });
      },
    ],
    [
      'an indirect table of 24 bytes',
      'indirect-length-not-multiple-of-16',
      (ring) => {
        ring.describe(0, { addr: 0x6000n, len: 24, flags: INDIRECT });
      },
    ],
    [
      'an empty indirect table',
      'indirect-empty',
      (ring) => {
        ring.describe(0, { addr: 0x6000n, len: 0, flags: INDIRECT });
      },
    ],
    [
      'an indirect table outside of memory',
      'address-not-in-memory',
      (ring) => {
        ring.describe(0, { addr: 0xffff_ffff_ffff_fff8n, len: 16, flags: INDIRECT });
      },
    ],
    [
      'a writable descriptor before a readable one',
      'writable-before-readable',
      (ring) => {
        ring.describe(0, { addr: 0x4000n, len: 4, flags: WRITE | NEXT, next: 1 });
        ring.describe(1, { addr: 0x5000n, len: 4 });
      },
    ],
    [
      'a descriptor of no bytes',
      'zero-length-descriptor',
      (ring) => {
        ring.describe(0, { addr: 0x4000n, len: 0 });
      },
    ],
    [
      'a buffer that leaves memory',
      'address-not-in-memory',
      (ring) => {
        ring.describe(0, { addr: 0xfffffn, len: 2 });
      },
    ],
  ];

  it.each(breaks)('is found and can be given back: %s', (_what, reason, write, options) => {
    const { ring, queue } = ringed(options);
    write(ring);
    ring.offer(0);
    const taken = queue.popAvail();
    expect(taken).toMatchObject({ outcome: 'broken', reason, headIndex: 0 });
    ring.describe(1, { addr: 0x4000n, len: 4, flags: WRITE });
    ring.offer(1);
    expect(queue.popAvail()).toMatchObject({ outcome: 'chain', headIndex: 1 });
  });

  it('makes the queue stop if its head is past the table', () => {
    const { ring, queue } = ringed();
    ring.offer(SIZE);
    expect(queue.popAvail()).toMatchObject({ outcome: 'broken', reason: 'descriptor-index-out-of-range' });
    ring.offer(0);
    expect(queue.popAvail()).toBeUndefined();
    expect(queue.addUsed({ headIndex: 0, slotCount: 1 }, 0)).toBe(false);
  });

  it.each([SIZE + 1, 0x8000, 0xffff])('makes the queue stop if the available idx jumps to %i', (idx) => {
    const { ring, queue } = ringed();
    ring.jumpTo(idx);
    expect(queue.popAvail()).toMatchObject({ outcome: 'broken', reason: 'available-index-jumped' });
    expect(queue.popAvail()).toBeUndefined();
  });

  it('is told apart from a chain of more than 2^32 bytes where memory is large enough', () => {
    const { memory, ring } = ringed();
    const queue = new SplitVirtqueue(Object.assign(new PhysicalQueueMemory(memory), { holds: () => true }), {
      size: SIZE,
      desc: BigInt(ring.desc),
      driver: BigInt(ring.avail),
      device: BigInt(ring.used),
      eventIdx: false,
      indirect: false,
    });
    ring.describe(0, { addr: 0x4000n, len: 0xffff_ffff, flags: NEXT, next: 1 });
    ring.describe(1, { addr: 0x4000n, len: 2 });
    ring.offer(0);
    expect(queue.popAvail()).toMatchObject({ outcome: 'broken', reason: 'chain-length-overflow' });
  });
});

const fill = (ring: TinyRing): void => {
  ring.describe(0, { addr: 0x4000n, len: 1, flags: WRITE });
  ring.offer(0);
};

describe('notifications of the driver', () => {
  it('are sent without EVENT_IDX unless the driver has set the flag', () => {
    const { ring, queue } = ringed();
    fill(ring);
    queue.popAvail();
    queue.addUsed({ headIndex: 0, slotCount: 1 }, 1);
    expect(queue.needsInterrupt()).toBe(true);
    expect(queue.needsInterrupt()).toBe(false);
    ring.availFlags = 1;
    queue.addUsed({ headIndex: 0, slotCount: 1 }, 1);
    expect(queue.needsInterrupt()).toBe(false);
  });

  it('are sent with EVENT_IDX when used_event is passed, whatever the flag says', () => {
    const { ring, queue } = ringed({ eventIdx: true });
    ring.availFlags = 1;
    ring.usedEvent = 1;
    queue.addUsed({ headIndex: 0, slotCount: 1 }, 1);
    expect(queue.needsInterrupt()).toBe(false);
    queue.addUsed({ headIndex: 0, slotCount: 1 }, 1);
    expect(queue.needsInterrupt()).toBe(true);
  });
});

describe('notifications of the device', () => {
  it('without EVENT_IDX are suppressed by the flag, and by nothing else', () => {
    const { ring, queue } = ringed();
    queue.suppressNotifications();
    expect([ring.usedFlags, ring.availEvent]).toEqual([1, 0]);
    queue.enableNotifications();
    expect([ring.usedFlags, ring.availEvent]).toEqual([0, 0]);
  });

  it('with EVENT_IDX are asked for by avail_event, which names the buffer to come, and by nothing else', () => {
    const { ring, queue } = ringed({ eventIdx: true });
    ring.describe(0, { addr: 0x4000n, len: 1, flags: WRITE });
    ring.offer(0);
    queue.popAvail();
    expect(queue.enableNotifications()).toBe(false);
    expect([ring.usedFlags, ring.availEvent]).toEqual([0, 1]);
    queue.suppressNotifications();
    expect([ring.usedFlags, ring.availEvent]).toEqual([0, 0]);
  });

  it('are asked for behind the buffers that the device leaves where they are', () => {
    const { ring, queue } = ringed({ eventIdx: true });
    ring.offer(0);
    ring.offer(0);
    queue.enableNotifications();
    expect(ring.availEvent).toBe(2);
  });

  it('are shown to the trace as memory has them, whether in force or not', () => {
    const { ring, queue } = ringed();
    ring.offer(0);
    queue.suppressNotifications();
    expect(queue.ringState()).toEqual({ position: 1, flags: 1, event: 0 });
    const misleading = ringed({ misleads: true });
    expect(misleading.queue.ringState()).toEqual({ position: 0, flags: 0, event: 0x8000 });
  });

  it('report buffers that came while nobody was asked to announce them', () => {
    const { ring, queue } = ringed();
    queue.suppressNotifications();
    expect(queue.popAvail()).toBeUndefined();
    ring.offer(0);
    expect(queue.enableNotifications()).toBe(true);
  });
});
