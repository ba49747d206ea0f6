/**
 * Bytes of the structures of 2.8, written down by hand from the specification's listings. The device reads the first
 * column and has to leave the second; nothing here is computed by its own declarations.
 */
import { expect, it } from 'vitest';
import { GuestMemory } from '../memory/guest-memory.ts';
import { PackedVirtqueue } from '../virtqueue/packed-virtqueue.ts';
import { PhysicalQueueMemory } from '../virtqueue/queue-memory.ts';
import { SplitVirtqueue } from '../virtqueue/split-virtqueue.ts';

const RING = 0x100;
const DRIVER_AREA = 0x200;
const DEVICE_AREA = 0x300;

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.trim().split(/\s+/), (digits) => Number.parseInt(digits, 16));

/** Memory of 64 KiB with a ring of two entries. */
function memoryWith(pieces: readonly (readonly [number, string])[]) {
  const memory = new GuestMemory();
  const ram = new Uint8Array(0x1_0000);
  memory.addRegion(0n, ram);
  for (const [address, text] of pieces) ram.set(bytesOf(text), address);
  const place = { size: 2, desc: 0x100n, driver: 0x200n, device: 0x300n, eventIdx: true, indirect: false };
  return { ram, memory: new PhysicalQueueMemory(memory), place };
}

/** struct pvirtq_desc: le64 addr, le32 len, le16 id, le16 flags; AVAIL is bit 7, USED bit 15, WRITE bit 1, NEXT bit 0. */
const AVAILABLE = [
  [RING, '00 40 00 00 00 00 00 00   14 00 00 00   00 00   81 00'],
  [RING + 16, '00 50 00 00 00 00 00 00   04 00 00 00   34 12   82 00'],
] as const;

it('reads available descriptors of the first round', () => {
  const { memory, place } = memoryWith(AVAILABLE);
  expect(new PackedVirtqueue(memory, place).popAvail()).toMatchObject({
    headIndex: 0x1234,
    buffers: [
      { addr: 0x4000n, len: 0x14, flags: 0x81 },
      { addr: 0x5000n, len: 4, flags: 0x82 },
    ],
  });
});

it('writes a used descriptor of the first round over the first available one, and leaves the second', () => {
  const { ram, memory, place } = memoryWith(AVAILABLE);
  const queue = new PackedVirtqueue(memory, place);
  queue.popAvail();
  queue.addUsed({ headIndex: 0x1234, slotCount: 2 }, 4);
  expect(ram.subarray(RING, RING + 16)).toEqual(bytesOf('00 40 00 00 00 00 00 00   04 00 00 00   34 12   82 80'));
  expect(ram.subarray(RING + 16, RING + 32)).toEqual(bytesOf(AVAILABLE[1][1]));
});

it('reads and writes descriptors of the second round with both marks inverted', () => {
  const { ram, memory, place } = memoryWith(AVAILABLE);
  const queue = new PackedVirtqueue(memory, place);
  queue.popAvail();
  queue.addUsed({ headIndex: 0x1234, slotCount: 2 }, 4);
  ram.set(bytesOf('00 60 00 00 00 00 00 00   08 00 00 00   78 56   02 80'), RING);
  expect(queue.popAvail()).toMatchObject({ headIndex: 0x5678, writableLength: 8 });
  queue.addUsed({ headIndex: 0x5678, slotCount: 1 }, 8);
  expect(ram.subarray(RING, RING + 16)).toEqual(bytesOf('00 60 00 00 00 00 00 00   08 00 00 00   78 56   02 00'));
});

it('writes what it wants to hear of: le16 offset with the wrap counter in bit 15, le16 flags', () => {
  const { ram, memory, place } = memoryWith([]);
  const queue = new PackedVirtqueue(memory, place);
  queue.enableNotifications();
  expect(ram.subarray(DEVICE_AREA, DEVICE_AREA + 4)).toEqual(bytesOf('00 80 02 00'));
  for (const [address, text] of AVAILABLE) ram.set(bytesOf(text), address);
  queue.enableNotifications();
  expect(ram.subarray(DEVICE_AREA, DEVICE_AREA + 4)).toEqual(bytesOf('00 00 02 00'));
  queue.suppressNotifications();
  expect(ram.subarray(DEVICE_AREA, DEVICE_AREA + 4)).toEqual(bytesOf('00 00 01 00'));
});

it.each([
  ['descriptor 0 of the first round', '00 80 02 00', true],
  ['descriptor 0 of the second round', '00 00 02 00', false],
  ['everything', '00 00 00 00', true],
  ['nothing', '00 00 01 00', false],
])('reads what the driver wants to hear of: %s', (_, text, wanted) => {
  const { memory, place } = memoryWith([...AVAILABLE, [DRIVER_AREA, text]]);
  const queue = new PackedVirtqueue(memory, place);
  queue.popAvail();
  queue.addUsed({ headIndex: 0x1234, slotCount: 2 }, 4);
  expect(queue.needsInterrupt()).toBe(wanted);
});

it('writes one used entry of a split ring for two buffers returned in order', () => {
  const { ram, memory, place } = memoryWith([]);
  new SplitVirtqueue(memory, place).addUsed({ headIndex: 1, slotCount: 2 }, 4);
  expect(ram.subarray(DEVICE_AREA, DEVICE_AREA + 20)).toEqual(
    bytesOf('00 00   02 00   01 00 00 00 04 00 00 00   00 00 00 00 00 00 00 00'),
  );
});
